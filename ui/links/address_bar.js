// Writes the query of the page's address. It is replaced, not pushed: Back leads to where the
// visitor came from, and Streamlit does not notice, so that no script runs.

const STREAMLIT_NAMES = ["embed", "embed_options"]; // what Streamlit itself reads there

export default function ({ data }) {
  if (!isOnPage(data, location.pathname)) return;
  const wanted = addressWith(data.query, location);
  if (new URL(wanted, location.href).href === location.href) return;
  try {
    history.replaceState(history.state, "", wanted);
  } catch {
    // A browser may refuse what comes too often; the next change writes it.
  }
}

/** The address with another query; what Streamlit reads there stays. */
export function addressWith(query, { pathname, search, hash }) {
  const others = [...new URLSearchParams(search)]
    .filter(([name]) => STREAMLIT_NAMES.includes(name))
    .map((pair) => pair.map(encodeURIComponent).join("="));
  const whole = [query, ...others].filter(Boolean).join("&");
  return pathname + (whole ? `?${whole}` : "") + hash;
}

/**
 * Whether an address is that of a page: it may be that of another one already while this one is
 * still on the screen, or is still drawn.
 */
export function isOnPage({ page, others, isHome }, pathname) {
  const name = pathname.split("/").findLast(Boolean);
  return name === page || (isHome && !others.includes(name));
}
