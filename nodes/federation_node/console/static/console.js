// SPDX-License-Identifier: Apache-2.0
// All that scripts do here: leave the page at once, and look again while something runs.
// Without scripts every page works: leaving is a link, and looking again is one too.
(() => {
  "use strict";
  const link = document.getElementById("leave");
  const leave = () => {
    document.body.replaceChildren();
    document.title = "";
    location.replace(link.href);
  };
  link.addEventListener("click", (event) => {
    event.preventDefault();
    leave();
  });
  let last = -Infinity;
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    if (event.timeStamp - last < 1000) leave();
    last = event.timeStamp;
  });
  // A page that comes back from the browser's memory is asked for anew: the session may be over.
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
  const again = document.querySelector("[data-again]");
  if (again) setTimeout(() => location.replace(again.href), 1500);
})();
