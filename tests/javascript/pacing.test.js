import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { Questions } from "../../ui/components/draw_pad/questions.js";
import { FrameRequests } from "../../ui/components/network_view/frame_requests.js";

// Timers that run when `pass` moves the clock on; those that a timer starts run, too.
const REAL = { setTimeout, clearTimeout };
const clock = { now: 0, timers: new Map() };

function pass(milliseconds) {
  const end = clock.now + milliseconds;
  for (;;) {
    const due = [...clock.timers].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at);
    if (!due.length) break;
    const [id, { at, act }] = due[0];
    clock.timers.delete(id);
    clock.now = at;
    act();
  }
  clock.now = end;
}

class FakeSocket {
  static OPEN = 1;

  constructor(url) {
    this.url = String(url);
    this.readyState = FakeSocket.OPEN;
    this.sent = [];
    FakeSocket.last = this;
  }

  send(text) {
    this.sent.push(text);
  }

  close() {
    this.readyState = 3;
  }
}

beforeEach(() => {
  clock.timers.clear();
  let lastTimer = 0;
  globalThis.setTimeout = (act, wait) => {
    clock.timers.set(++lastTimer, { at: clock.now + wait, act });
    return lastTimer;
  };
  globalThis.clearTimeout = (id) => clock.timers.delete(id);
  globalThis.requestAnimationFrame = (paint) => setTimeout(paint, 0);
  globalThis.cancelAnimationFrame = clearTimeout;
  globalThis.window = { location: { href: "https://example.org/app/plane" } };
  globalThis.WebSocket = FakeSocket;
});

afterEach(() => {
  Object.assign(globalThis, REAL);
  for (const name of ["requestAnimationFrame", "cancelAnimationFrame", "window", "WebSocket"]) {
    delete globalThis[name];
  }
});

function requestsFor(frame) {
  const requests = new FrameRequests({ frame, isConnected: true }, () => {});
  requests.scriptRuns = [];
  requests.askForScriptRun = (seq) => requests.scriptRuns.push(seq);
  return requests;
}

test("one frame at a time is asked for over the socket, by its address on this server", () => {
  const requests = requestsFor({ moving: true, interval_ms: 50, seq: 1, address: "stream/abc" });
  requests.schedule();
  pass(100);
  assert.equal(FakeSocket.last.url, "wss://example.org/app/stream/abc");
  assert.deepEqual(FakeSocket.last.sent, ["next"]);
  pass(1000);
  assert.deepEqual(FakeSocket.last.sent, ["next"], "nothing more before an answer");
  requests.schedule();
  pass(100);
  assert.deepEqual(FakeSocket.last.sent, ["next", "next"]);
  requests.close();
});

test("after a silence the socket is left, and a script run brings the frame", () => {
  const requests = requestsFor({ moving: true, interval_ms: 50, seq: 5, address: "stream/abc" });
  requests.schedule();
  pass(3200);
  assert.deepEqual(requests.scriptRuns, [5]);
  assert.equal(FakeSocket.last.readyState, 3);
  requests.close();
});

test("without an address a script run brings each frame, and at rest nothing is asked", () => {
  const requests = requestsFor({ moving: true, interval_ms: 50, seq: 2, address: "" });
  requests.schedule();
  pass(100);
  assert.deepEqual(requests.scriptRuns, [2]);
  requests.view.frame = { ...requests.view.frame, moving: false };
  requests.schedule();
  assert.ok(!requests.isWaiting);
  pass(5000);
  assert.deepEqual(requests.scriptRuns, [2]);
});

test("a script run that does not come is asked for again", () => {
  const requests = requestsFor({ moving: true, interval_ms: 50, seq: 3, address: "stream/abc" });
  requests.waitForScriptRun();
  pass(3100);
  assert.deepEqual(requests.scriptRuns, [3, 3]);
  requests.close();
});

test("one question about a drawing is open at a time; what was drawn meanwhile is asked next", () => {
  const sent = [];
  const questions = new Questions((number) => sent.push(number));
  questions.ask();
  pass(10);
  questions.ask();
  questions.ask();
  pass(500);
  assert.deepEqual(sent, [1]);
  assert.ok(questions.receive(1));
  pass(100);
  assert.deepEqual(sent, [1, 2]);
  assert.ok(!questions.receive(1), "an old answer changes nothing");
  questions.stop();
});

test("a question without an answer is asked again under a new number", () => {
  const sent = [];
  const questions = new Questions((number) => sent.push(number));
  questions.ask();
  pass(3100);
  assert.deepEqual(sent, [1, 2]);
  questions.stop();
});
