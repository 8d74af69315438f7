import assert from "node:assert/strict";
import { test } from "node:test";

import { breaksBefore } from "../../ui/components/code_listing/line_breaks.js";
import {
  describeAnswer, percent, signedText,
} from "../../ui/components/draw_pad/answer_text.js";
import { readNumber } from "../../ui/components/network_view/network/number_reading.js";
import { canStandBeside } from "../../ui/components/network_view/table/table.js";
import { addressWith, isOnPage } from "../../ui/links/address_bar.js";
import { placeText } from "../../ui/live/timeline.js";

test("a typed number may have a comma and either minus sign", () => {
  assert.deepEqual(readNumber(" −0,5 "), { value: -0.5 });
  assert.deepEqual(readNumber("1e3"), { value: 1000 });
});

test("what cannot be a weight is refused with a reason", () => {
  assert.match(readNumber("  ").problem, /Type a number/);
  assert.match(readNumber("abc").problem, /“abc” is no number/);
  assert.match(readNumber("1e7").problem, /overflow/);
  assert.match(readNumber("Infinity").problem, /overflow/);
});

test("a probability too small for a decimal does not read as 0", () => {
  assert.deepEqual([0.5, 0, 0.0004, NaN].map(percent), ["50.0\u00a0%", "0.0\u00a0%", "< 0.1 %", "–"]);
  assert.deepEqual([0.5, -12.34, 0].map(signedText), ["+0.500", "−12.3", "+0.00"]);
});

test("an answer names both guesses", () => {
  const frame = { names: ["a", "b", "c"], ranking: [2, 0, 1], probabilities: [0.3, 0.1, 0.6] };
  assert.equal(describeAnswer(frame), "First guess c, 60.0\u00a0%; second a, 30.0\u00a0%.");
  assert.equal(describeAnswer({ ...frame, is_empty: true }), "The square is empty.");
});

test("the bar of time travel says step and epoch with commas", () => {
  assert.equal(placeText([0, 12345], [0, 1234.9], 1), "Step 12,345 of 12,345 (epoch 1,234)");
});

test("a long chain of names may break before a dot, a short one may not", () => {
  const line = "value = some_object.some_attribute.some_method(argument)";
  assert.ok(breaksBefore(line, line.indexOf(".some_method")));
  assert.ok(breaksBefore(line, line.indexOf("argument")));
  assert.ok(!breaksBefore(line, line.indexOf("some_method")));
  assert.ok(!breaksBefore("a.b", 1));
});

test("the address keeps what Streamlit reads there, and its hash", () => {
  const address = { pathname: "/app/plane", search: "?hidden=4&embed=true", hash: "#top" };
  assert.equal(addressWith("seed=7", address), "/app/plane?seed=7&embed=true#top");
  assert.equal(addressWith("", { ...address, search: "?hidden=4" }), "/app/plane#top");
});

test("the page at home is every address that is no other page's", () => {
  const home = { page: "gates", others: ["bits", "plane"], isHome: true };
  assert.ok(isOnPage(home, "/"));
  assert.ok(isOnPage(home, "/below/a/folder/"));
  assert.ok(!isOnPage(home, "/bits"));
  assert.ok(!isOnPage({ page: "bits", others: ["gates"], isHome: false }, "/"));
});

test("a table of a few rows with one output may stand beside the curves", () => {
  const table = { type: "table", kind: "binary", inputs: [[0], [1]], output_names: ["y"] };
  assert.ok(canStandBeside(table));
  assert.ok(!canStandBeside({ ...table, inputs: Array(9).fill([0]) }));
  assert.ok(!canStandBeside({ ...table, output_names: ["y", "z"] }));
  assert.ok(!canStandBeside({ type: "curve" }));
});
