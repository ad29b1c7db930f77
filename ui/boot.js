// Chooses the theme before the first paint, then starts the program, which shows the page that the body names.
const theme = localStorage.getItem("keyrack.theme");
if (theme === "light" || theme === "dark") {
  document.documentElement.dataset.theme = theme;
}

try {
  const { default: start } = await import("./keyrack-ui.js");
  await start({ module_or_path: new URL("./keyrack-ui_bg.wasm", import.meta.url) });
} catch (problem) {
  console.error(problem);
  const sentence = document.createElement("p");
  sentence.className = "boot-problem";
  sentence.setAttribute("role", "alert");
  sentence.textContent = document.body.dataset.failed;
  document.body.append(sentence);
}
