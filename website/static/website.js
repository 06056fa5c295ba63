// What is too wide scrolls in itself, and then the keyboard must reach it.
const wide = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }
});
for (const node of document.querySelectorAll("article :is(pre, .table-wrapper, .math, .output)")) {
  if (!node.closest(".view")) wide.observe(node);
}
