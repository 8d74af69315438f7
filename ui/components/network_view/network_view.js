// The component that brings the code of the live picture to the page.

import { defineElement } from "../common/define_element.js";
import { LiveView } from "./live_view.js";

export default function ({ data }) {
  defineElement(data.element, LiveView);
}
