// A text with a button that copies it.

export default function ({ parentElement, data }) {
  const field = parentElement.querySelector("input");
  const button = parentElement.querySelector("button");
  const result = parentElement.querySelector("output");
  if (field.value !== data.text) {
    field.value = data.text;
    result.textContent = "";
  }
  field.setAttribute("aria-label", data.label);
  field.onfocus = () => field.select();
  button.textContent = data.button;
  button.onclick = async () => {
    const isCopied = await copy(field);
    result.textContent = isCopied ? "Copied." : "Press Ctrl+C to copy.";
  };
}

// A browser may refuse the clipboard to pages without encryption; hence the older way.
async function copy(field) {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    field.select();
    return document.execCommand("copy");
  }
}
