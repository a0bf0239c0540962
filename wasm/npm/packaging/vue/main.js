import { createApp } from "vue";
import Picture from "./Picture.vue";

createApp(Picture).mount("#root");
