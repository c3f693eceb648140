// The page has one purpose: keys are for its terminal without a click.
addEventListener("load", () => {
  const focus = () => {
    const keys = document.querySelector(".xterm-helper-textarea");
    if (keys) keys.focus();
    else setTimeout(focus, 50);
  };
  focus();
});
