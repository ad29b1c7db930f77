// Chooses the theme before the first paint, then starts the program of the page.
const theme = localStorage.getItem("keyrack.theme");
if (theme === "light" || theme === "dark") {
  document.documentElement.dataset.theme = theme;
}

const { program, failed } = document.body.dataset;
try {
  const { default: start } = await import(`./${program}.js`);
  await start({ module_or_path: new URL(`./${program}_bg.wasm`, import.meta.url) });
} catch (problem) {
  console.error(problem);
  const sentence = document.createElement("p");
  sentence.className = "boot-problem";
  sentence.setAttribute("role", "alert");
  sentence.textContent = failed;
  document.body.append(sentence);
}
