// Hosted fields, within their frame. What is written here is sent to the tokenizer of the server that this page came from, and to
// nobody else. The page around the frame is told what happens, by the name of a field and never by what stands in it, and in the
// end a one-time token; it is told only where its origin is the one that this page was made for.
"use strict";
(() => {
  const form = document.getElementById("fields");
  const told = document.getElementById("told");
  const { origin, language, lost } = form.dataset;
  const page = window.parent;
  if (page === window) {
    return; // opened by itself: there is nobody to tell
  }

  const tell = (event, more) => page.postMessage({ quittance: event, ...more }, origin);
  const inputs = Array.from(form.querySelectorAll("input"));

  // How the page around may dress them: custom properties of the stylesheet, and what each may be.
  const color = /^(#[0-9a-f]{3,8}|(rgb|hsl)a?\([0-9., %/]+\))$/i;
  const length = /^[0-9]{1,3}(\.[0-9]{1,3})?(px|rem|em)$/;
  const DRESS = {
    brand: color, ink: color, soft: color, paper: color, line: color, wrong: color, focus: color,
    radius: length, size: length, font: /^[a-z0-9 ,'"-]{1,100}$/i,
  };
  const dress = (style) => {
    for (const [name, value] of Object.entries(Object(style))) {
      if (Object.hasOwn(DRESS, name) && DRESS[name].test(String(value))) {
        document.documentElement.style.setProperty(`--${name}`, String(value));
      }
    }
  };

  const clear = (input) => {
    const wrong = document.getElementById(`${input.id}-wrong`);
    if (wrong) {
      wrong.remove();
      input.removeAttribute("aria-invalid");
      const others = (input.getAttribute("aria-describedby") || "").split(" ").filter((id) => id !== wrong.id);
      if (others.join("")) {
        input.setAttribute("aria-describedby", others.join(" "));
      } else {
        input.removeAttribute("aria-describedby");
      }
    }
  };
  const clearAll = () => {
    inputs.forEach(clear);
    told.textContent = "";
  };
  const fault = ({ field, message }) => {
    const input = document.getElementById(field);
    if (!input) {
      return;
    }
    clear(input);
    const wrong = document.createElement("p");
    wrong.className = "wrong";
    wrong.id = `${field}-wrong`;
    wrong.textContent = message;
    const group = input.closest("fieldset");
    if (group) {
      group.querySelector("legend").after(wrong);
    } else {
      input.before(wrong);
    }
    const others = input.getAttribute("aria-describedby");
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-describedby", others ? `${wrong.id} ${others}` : wrong.id);
  };

  let busy = false;
  const submit = async () => {
    if (busy) {
      return;
    }
    busy = true;
    clearAll();
    try {
      const response = await fetch(`${location.pathname}?language=${language}`, {
        method: "POST", body: new URLSearchParams(new FormData(form)), credentials: "omit", cache: "no-store",
      });
      const said = await response.json();
      if (response.ok) {
        form.reset();
        tell("token", said);
      } else {
        told.textContent = said.message;
        said.errors.forEach(fault);
        const first = said.errors.length && document.getElementById(said.errors[0].field);
        if (first) {
          first.focus();
        }
        tell("error", { message: said.message, errors: said.errors });
      }
    } catch {
      told.textContent = lost;
      tell("error", { message: lost, errors: [] });
    }
    busy = false;
  };

  const changed = (field) => {
    const input = inputs.find((one) => one.name === field);
    const filled = Boolean(input) && (input.type === "radio" ? form.elements[field].value !== "" : input.value !== "");
    tell("change", { field, filled, complete: form.checkValidity() });
  };

  form.addEventListener("input", ({ target }) => {
    const group = target.closest("fieldset");
    clear(group ? group.querySelector("input") : target);
    // What was told of all of them is over once none of them is wrong.
    if (!form.querySelector("[aria-invalid]")) {
      told.textContent = "";
    }
    changed(target.name);
  });
  form.addEventListener("focusin", ({ target }) => tell("focus", { field: target.name }));
  form.addEventListener("focusout", ({ target }) => tell("blur", { field: target.name }));
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      submit();
    }
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });

  window.addEventListener("message", (event) => {
    if (event.source !== page || event.origin !== origin) {
      return;
    }
    const { quittance, style } = Object(event.data);
    if (quittance === "submit") {
      submit();
    } else if (quittance === "focus") {
      (inputs.find((one) => !one.validity.valid) || inputs[0]).focus();
    } else if (quittance === "clear") {
      form.reset();
      clearAll();
    } else if (quittance === "style") {
      dress(style);
    }
  });

  new ResizeObserver(() => tell("height", { height: document.documentElement.offsetHeight })).observe(document.body);
  tell("ready");
})();
