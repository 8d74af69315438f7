// Registers custom elements.

/**
 * Defines a custom element unless it is defined already. The name carries a hash of the code, so
 * that an edited file can be loaded beside the old one.
 */
export function defineElement(name, elementClass) {
  if (!customElements.get(name)) customElements.define(name, elementClass);
}
