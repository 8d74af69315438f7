// Small helpers for HTML elements.

/** A new element with a class, and with children: elements or texts. */
export function make(tag, className = "", ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

/** Sets a text; one that is there already is not written again, which would cost a layout. */
export function setText(element, text) {
  if (element.shownText === text) return;
  element.shownText = text;
  element.textContent = text;
}

/** Sets a data attribute if it has changed. */
export function setData(element, name, value) {
  if (element.dataset[name] !== value) element.dataset[name] = value;
}

/** Whether a component has left the page; its parent may be a shadow root. */
export function isRemoved(parentElement) {
  return !parentElement.isConnected && !parentElement.host?.isConnected;
}
