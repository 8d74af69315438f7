// The component that brings the code of the square to draw in to the page.

import { defineElement } from "../common/define_element.js";
import { DrawPad } from "./pad.js";

export default function ({ data }) {
  defineElement(data.element, DrawPad);
}
