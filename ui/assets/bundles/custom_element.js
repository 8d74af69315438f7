// Bundled from ui/components/custom_element.js by npm run bundle. Edit the sources instead.
function a({parentElement:n,data:o,setTriggerValue:c}){let e=()=>n.querySelector("[data-custom-element]"),t=e()?.localName;t&&customElements.whenDefined(t).then(()=>e()?.show(o,c))}export{a as default};
