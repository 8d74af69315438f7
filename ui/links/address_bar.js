// Writes the query of the page's address. It is replaced, not pushed: Back leads to where the
// visitor came from, and Streamlit, which hears nothing of it, runs no script for it.
const STREAMLIT = ["embed", "embed_options"]; // what Streamlit itself reads there

export default function ({ data }) {
  if (!isHere(data)) return;
  const others = [...new URLSearchParams(location.search)]
    .filter(([name]) => STREAMLIT.includes(name))
    .map((pair) => pair.map(encodeURIComponent).join("="));
  const query = [data.query, ...others].filter(Boolean).join("&");
  const wanted = location.pathname + (query ? `?${query}` : "") + location.hash;
  if (new URL(wanted, location.href).href === location.href) return;
  try {
    history.replaceState(history.state, "", wanted);
  } catch {
    // A browser may refuse what comes too often; the next change writes it.
  }
}

// The address may be that of another page already while this one still stands, or is still drawn.
function isHere({ page, others, isHome }) {
  const name = location.pathname.split("/").findLast(Boolean);
  return name === page || (isHome && !others.includes(name));
}
