// Hands the data of a component to the custom element that stands in it, once that is defined.

export default function ({ parentElement, data, setTriggerValue }) {
  const find = () => parentElement.querySelector("[data-custom-element]");
  const name = find()?.localName;
  if (name) customElements.whenDefined(name).then(() => find()?.show(data, setTriggerValue));
}
