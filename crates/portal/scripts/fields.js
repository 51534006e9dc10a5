// Hosted fields, for the page that embeds them:
//
//   <script src="…/portal/fields.js"></script>
//   const fields = Quittance.mount(document.querySelector("#card"), { key: "…", onToken: ({ token }) => … });
//   button.onclick = () => fields.submit();
//
// The numbers are written in a frame of the server that this script came from; this page gets a one-time token for them, and your
// own server pays with it. It depends on nothing and keeps nothing.
"use strict";
(() => {
  const here = document.currentScript.src;
  const server = new URL(here).origin;

  const WORDS = {
    en: { card: "Card details", bank: "Bank account details", lost: "The fields could not be loaded." },
    es: { card: "Datos de la tarjeta", bank: "Datos de la cuenta bancaria", lost: "No se pudieron cargar los campos." },
  };
  // How long it may take until they are there, in milliseconds.
  const PATIENCE = 15000;

  const mount = (element, options) => {
    const { key, type = "card", language, title, scheme, style } = options;
    const words = WORDS[(language || document.documentElement.lang || "en").slice(0, 2)] || WORDS.en;
    const call = (name, ...told) => {
      if (typeof options[name] === "function") {
        options[name](...told);
      }
    };

    const frame = document.createElement("iframe");
    const address = new URL(`tokenizer/fields/${encodeURIComponent(key)}/${encodeURIComponent(type)}`, here);
    address.searchParams.set("origin", window.location.origin);
    if (language) {
      address.searchParams.set("language", language);
    }
    if (scheme) {
      address.searchParams.set("scheme", scheme);
    }
    frame.title = title || words[type] || words.card;
    frame.referrerPolicy = "no-referrer";
    Object.assign(frame.style, { display: "block", width: "100%", height: "24rem", border: "0" });

    const say = (quittance, more) => frame.contentWindow && frame.contentWindow.postMessage({ quittance, ...more }, server);

    let waiting = null;
    const settle = (how, what) => {
      const one = waiting;
      waiting = null;
      if (one) {
        one[how](what);
      }
    };

    const late = setTimeout(() => call("onError", { message: words.lost, errors: [] }), PATIENCE);
    const hear = (event) => {
      if (event.source !== frame.contentWindow || event.origin !== server) {
        return;
      }
      const { quittance, ...told } = Object(event.data);
      if (quittance === "ready") {
        clearTimeout(late);
        if (style) {
          say("style", { style });
        }
        call("onReady");
      } else if (quittance === "height") {
        frame.style.height = `${Math.ceil(Number(told.height) || 0)}px`;
      } else if (quittance === "focus") {
        call("onFocus", told);
      } else if (quittance === "blur") {
        call("onBlur", told);
      } else if (quittance === "change") {
        call("onChange", told);
      } else if (quittance === "token") {
        settle("resolve", told);
        call("onToken", told);
      } else if (quittance === "error") {
        settle("reject", told);
        call("onError", told);
      }
    };
    window.addEventListener("message", hear);
    frame.src = address.href;
    element.append(frame);

    return Object.freeze({
      // Asks for a token; gives it, or what is wrong, as the events do.
      submit() {
        if (!waiting) {
          const one = {};
          one.promise = new Promise((resolve, reject) => Object.assign(one, { resolve, reject }));
          one.promise.catch(() => {}); // whoever listens to events alone need not catch it
          waiting = one;
          say("submit");
        }
        return waiting.promise;
      },
      // To the first field that is not filled in.
      focus() {
        frame.focus();
        say("focus");
      },
      clear() {
        say("clear");
      },
      style(more) {
        say("style", { style: more });
      },
      unmount() {
        clearTimeout(late);
        window.removeEventListener("message", hear);
        frame.remove();
      },
    });
  };

  window.Quittance = Object.freeze({ mount });
})();
