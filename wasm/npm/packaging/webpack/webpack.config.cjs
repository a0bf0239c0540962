module.exports = { mode: "production", entry: "./app.js", output: { clean: true } };
