//! `cargo run --example made_jpeg -- SCRIPT OUT.jpg`: the file that the target `differential` makes of an input, for other decoders to look at.

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(script), Some(out)) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: made_jpeg SCRIPT OUT.jpg");
        std::process::exit(2);
    };
    std::fs::write(out, roundel_fuzz::made_file(&std::fs::read(script)?))
}
