// Forms are sent from here, because a form by itself cannot bear the header that proves it was meant.
"use strict";

document.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const said = form.querySelector("output");
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      headers: { "X-SLA-Request": "1" },
      body: new URLSearchParams(new FormData(form)),
    });
    if (answer.ok) location.reload();
    else said.textContent = (await answer.json()).status;
  } catch {
    said.textContent = "the service does not answer";
  }
});
