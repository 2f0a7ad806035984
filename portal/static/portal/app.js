/* Comfort only: every page reads, signs in, approves and filters without this file. */
(() => {
  "use strict";
  const one = (selector, root = document) => root.querySelector(selector);
  const typing = (el) => el.closest("input, textarea, select, [contenteditable]");

  // "/" goes to the search box, Escape closes an open menu.
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !typing(event.target)) {
      const search = one("#search");
      if (search) { event.preventDefault(); search.focus(); search.select(); }
    }
    if (event.key === "Escape") {
      const menu = one("details.menu[open]");
      if (menu) { menu.open = false; one("summary", menu).focus(); }
    }
  });

  // A menu left behind would lie over what has the focus now.
  function leaveMenus(target) {
    document.querySelectorAll("details.menu[open]").forEach((menu) => { if (!menu.contains(target)) menu.open = false; });
  }
  document.addEventListener("focusin", (event) => leaveMenus(event.target));

  // The browser would begin at the first button, which closes; Escape and the way back to the opener are the browser's.
  function ask(dialog) {
    dialog.showModal();
    (one("input:not([type=hidden]), select, textarea", dialog) || one("h2", dialog)).focus();
  }

  document.addEventListener("click", (event) => {
    const target = event.target;
    leaveMenus(target);
    const opener = target.closest("[data-dialog]");
    if (opener) ask(document.getElementById(opener.dataset.dialog));
    const closer = target.closest("[data-close]");
    if (closer) closer.closest(".toast").remove();
    if (target.closest("[data-print]")) window.print();
    const theme = target.closest("[data-theme-value]");
    if (theme) setTheme(theme.dataset.themeValue);
    if (target.nodeName === "DIALOG") target.close(); // a click on the backdrop
  });

  // A form sent twice by an impatient double click is sent once; the server would refuse the second anyway.
  document.addEventListener("submit", (event) => {
    if (event.target.method !== "post") return;
    if (event.target.dataset.sent) { event.preventDefault(); return; }
    event.target.dataset.sent = "1";
    setTimeout(() => { delete event.target.dataset.sent; }, 4000);
  });

  function setTheme(value) {
    const root = document.documentElement;
    if (value) root.dataset.theme = value; else delete root.dataset.theme;
    document.cookie = `theme=${value}; path=/; max-age=${value ? 31536000 : 0}; samesite=lax`;
    markTheme();
  }
  function markTheme() {
    const value = document.documentElement.dataset.theme || "";
    document.querySelectorAll("[data-theme-value]").forEach((b) => b.setAttribute("aria-pressed", String(b.dataset.themeValue === value)));
  }

  // A table wider than its place can be moved with the keyboard too; one that fits is no stop on the way.
  function reachable(box) {
    const name = box.getAttribute("aria-label") || one("caption", box)?.textContent;
    if (box.scrollWidth <= box.clientWidth + 1 || !name) { box.removeAttribute("tabindex"); return; }
    box.tabIndex = 0;
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", name);
  }
  window.addEventListener("resize", () => document.querySelectorAll(".scroll").forEach(reachable));

  // Good news leaves by itself; bad news waits until it is closed.
  function settle(root) {
    root.querySelectorAll("[data-theme-switch], [data-close], [data-print]").forEach((el) => { el.hidden = false; });
    root.querySelectorAll(".toast:not(.taken, .held)").forEach((toast) => setTimeout(() => toast.remove(), 8000));
    root.querySelectorAll(".scroll").forEach(reachable);
    root.querySelectorAll(".tabs [aria-current]").forEach((tab) => { tab.parentElement.scrollLeft = tab.offsetLeft - tab.parentElement.offsetLeft - 40; }); // the one before stays in sight
  }
  settle(document);
  markTheme();
  document.addEventListener("htmx:load", (event) => settle(event.detail.elt));

  // What a click changed elsewhere (the why panel below the table on a phone) comes into view; where it is in view, nothing moves.
  document.addEventListener("htmx:afterSettle", (event) => {
    const reveal = event.detail.elt.dataset?.reveal;
    if (reveal && new URLSearchParams(window.location.search).has("line")) one(reveal)?.scrollIntoView({ block: "nearest" });
  });

  // What a swap changed is said by a region that was there before (one that arrives with its words is often not heard),
  // and whoever pressed something that is gone goes on in the list instead of at the top of the page.
  document.addEventListener("htmx:afterSettle", (event) => {
    const part = event.detail.elt;
    const told = part.matches("[data-told]") ? part : one("[data-told]", (part.dataset.reveal && one(part.dataset.reveal)) || part);
    const words = told?.textContent.replace(/\s+/g, " ").trim();
    if (words && words !== one("#told").textContent) one("#told").textContent = words;
    if (part.id === "list" && document.activeElement === document.body) { part.tabIndex = -1; part.focus({ preventScroll: true }); }
  });

  // Empty fields stay out of the address of a filtered list.
  document.addEventListener("htmx:configRequest", (event) => {
    const { verb, formData } = event.detail;
    if (verb !== "get" || !formData) return;
    [...formData.entries()].forEach(([name, value]) => { if (value === "") formData.delete(name); });
  });

  // A whole page where a part was asked for (signed out meanwhile) becomes the page, not a page inside a page.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!/^\s*<!doctype/i.test(event.detail.serverResponse || "")) return;
    // Unless the part was to be picked out of the page, and is there.
    const part = event.detail.requestConfig.elt.closest("[hx-select]")?.getAttribute("hx-select");
    if (part && event.detail.serverResponse.includes(`id="${part.slice(1)}"`)) return;
    event.detail.shouldSwap = false;
    window.location.assign(event.detail.xhr.responseURL || window.location.href);
  });

  // A partial request that the server refuses (signed out, conflict, error) shows the whole page instead of nothing.
  document.addEventListener("htmx:responseError", (event) => {
    const { xhr, requestConfig, pathInfo } = event.detail;
    // Polling that fails once tries again by itself; only what somebody clicked leads to the error page.
    if (requestConfig.verb === "get" && requestConfig.triggeringEvent?.isTrusted && xhr.status >= 400) window.location.assign(pathInfo.finalRequestPath);
  });
})();
