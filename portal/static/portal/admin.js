/* The admin's choice with search is named after its value alone, and has no name while empty: its label comes first. */
(() => {
  "use strict";
  const name = () => document.querySelectorAll("select.admin-autocomplete + .select2 [role=combobox]").forEach((box) => {
    const select = box.closest(".select2").previousElementSibling;
    const value = box.querySelector(".select2-selection__rendered");
    value.removeAttribute("role"); // called a text box by Select2, one without a name inside of another
    value.removeAttribute("aria-readonly");
    // In a table of parts there is no label: there the choice itself carries the words.
    const label = select.labels[0] ?? box;
    label.id ||= `${select.id}-label`;
    if (label === box) box.setAttribute("aria-label", select.getAttribute("aria-label"));
    box.setAttribute("aria-labelledby", `${label.id} ${value.id}`);
  });
  // In jQuery's own queue: there the admin's script builds the boxes, which may be after the page has loaded.
  globalThis.django?.jQuery?.(name);
  document.addEventListener("formset:added", () => setTimeout(name));
})();
