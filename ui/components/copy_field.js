// A text with a button that copies it; the browser may refuse the clipboard to pages that come
// without encryption, so there is the older way as well.
export default function ({ parentElement, data }) {
  const field = parentElement.querySelector("input");
  const button = parentElement.querySelector("button");
  const answer = parentElement.querySelector("output");
  if (field.value !== data.text) {
    field.value = data.text;
    answer.textContent = "";
  }
  field.setAttribute("aria-label", data.label);
  field.onfocus = () => field.select();
  button.textContent = data.button;
  button.onclick = async () => {
    let isCopied = true;
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      field.select();
      isCopied = document.execCommand("copy");
    }
    answer.textContent = isCopied ? "Copied." : "Press Ctrl+C to copy.";
  };
}
