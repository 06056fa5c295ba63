// Brings the views to life: where a notebook would ask its kernel, the browser computes.
const courseViews = {};
const nextTo = document.currentScript.src.replace(/views\.js.*$/, "views/");

function added(tag, attributes) {
  return new Promise((resolve, reject) => {
    const node = Object.assign(document.createElement(tag), attributes);
    node.onload = resolve;
    node.onerror = reject;
    document.head.append(node);
  });
}

const loading = {};

function load(name) {
  const style = { rel: "stylesheet", href: `${nextTo}${name}.css` };
  const script = { src: `${nextTo}${name}.js` };
  return (loading[name] ??= Promise.all([added("link", style), added("script", script)]));
}

async function enliven(box) {
  await load(box.dataset.view);
  const model = modelOf(JSON.parse(box.querySelector("script").textContent));
  const el = document.createElement("div");
  courseViews[box.dataset.view].render({ model, el });
  box.querySelector("figure").replaceWith(el);
}

const near = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      enliven(target);
    }
  },
  { rootMargin: "800px" },
);
for (const box of document.querySelectorAll(".view")) near.observe(box);
