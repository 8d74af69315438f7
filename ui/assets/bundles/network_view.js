// Bundled from ui/components/network_view/network_view.js by npm run bundle. Edit the sources instead.
function ie(i,t){customElements.get(i)||customElements.define(i,t)}function w(i,t="",...e){let s=document.createElement(i);return t&&(s.className=t),s.append(...e),s}function M(i,t){i.shownText!==t&&(i.shownText=t,i.textContent=t)}function j(i,t,e){i.dataset[t]!==e&&(i.dataset[t]=e)}function Et(i){let t=i.slice().buffer,e=new DataView(t).getUint32(0,!0),s=JSON.parse(new TextDecoder().decode(new Uint8Array(t,4,e))),o=4+Math.ceil(e/4)*4,n=s.panels.map(a=>({...a,arrays:{}})),r=new Map(n.map(a=>[a.name,a]));for(let[a,{dtype:h,shape:c,offset:u}]of Object.entries(s.arrays)){let l=a.lastIndexOf("/"),d=ri(t,h,o+u,ni(c));r.get(a.slice(0,l)).arrays[a.slice(l+1)]={values:d,shape:c}}return{...s,panels:n}}function ni(i){return i.reduce((t,e)=>t*e,1)}function ri(i,t,e,s){return t==="uint8"?new Uint8Array(i,e,s):t==="float32"?new Float32Array(i,e,s):new Float64Array(i.slice(e,e+8*s))}var se=["#d55e00","#0072b2","#009e73","#cc79a7","#e69f00","#56b4e9","#7b6d3a","#7a52c7","#6b6b6b","#a0b000"];function C(i,t,e){return i.map((s,o)=>Math.round(s+(t[o]-s)*e))}function k(i,t=1){return`rgba(${i[0]},${i[1]},${i[2]},${t})`}function rt([i,t,e]){return .3*i+.59*t+.11*e}function st(i){return Number.isNaN(i)?127:Math.round(127+127*Math.min(1,Math.max(-1,i)))}function Nt(i){return ne(256,i)}function oe(i,t){return ne(41,e=>C(i,t,.12+.58*e/40))}function ne(i,t){let e=new Uint32Array(i),s=new Uint8Array(e.buffer);for(let o=0;o<i;o++)s.set([...t(o),255],4*o);return e}var at=null;function ot(i){at??=document.createElement("canvas").getContext("2d"),at.fillStyle="#000",at.fillStyle=i;let t=at.fillStyle;return t.startsWith("#")?[1,3,5].map(e=>parseInt(t.slice(e,e+2),16)):t.match(/[\d.]+/g).slice(0,3).map(Number)}var Ft={key:""};function re(i){let t=getComputedStyle(i),e=t.getPropertyValue("--st-background-color")||"#ffffff",s=t.getPropertyValue("--st-text-color")||"#31333f",o=t.fontFamily,n=`${e}|${s}|${o}`;return n!==Ft.key&&(Ft={key:n,font:o,...ai(ot(e),ot(s))}),Ft}function ai(i,t){let e=rt(i)<128,s=e?[78,168,245]:[0,104,183],o=e?[250,150,50]:[222,98,0],n=e?C(i,t,.1):[246,246,246],r=se.map(ot);return{dark:e,ground:i,ink:t,positive:s,negative:o,neutral:n,text:k(t),faint:k(C(i,t,.66)),line:k(C(i,t,.2)),background:k(i),halo:k(i,.85),plate:k(i,.92),wrong:e?"#ff6b9d":"#c2004e",right:e?"#4fd1a5":"#00795a",diverging:Nt(a=>C(n,a<127?o:s,Math.min(1,Math.abs(a-127)/127))),gray:Nt(a=>C(i,t,a/255)),classes:r.map(a=>e?C(a,[255,255,255],.2):a),regions:r.map(a=>oe(n,a))}}function I(i,{layer:t,from:e,to:s}){let{values:o,shape:n}=i.arrays[`weight${t}`];return o[e*n[1]+s]}function D(i,{layer:t,index:e}){let s=t>0?i.arrays[`bias${t-1}`]:null;return s?s.values[e]:null}function z(i,{layer:t}){return i.arrays[t>0?`response${t-1}`:"response_inputs"]??null}function P(i,t,e){let s=i.sizes.length-1;return t===0?i.input_names[e]??`input ${e+1}`:t===s?`output ${i.output_names[e]}`:s>2?`hidden ${t}.${e+1}`:`hidden ${e+1}`}function Rt(i){let{field:t,points:e,square:s,target:o,answer:n,right:r,is_test:a,lines:h}=i.arrays;return{...i,panel:i,field:t,points:e.values,pointSquares:s.values,target:o.values,answer:n.values,right:r?.values,isTest:a.values,hasBoth:It(i),hasContour:!0,lines:h}}function It(i){let t=Dt(i);return t>0&&t<i.arrays.is_test.values.length}function Dt(i){return i.arrays.is_test.values.reduce((t,e)=>t+e,0)}function ae(i,t,e){let{layer:s,index:o}=t,n=s>0?i.response_scales[s-1]:i.input_scales[o],r=n.high-n.middle,a=s===0?`input ${P(i,0,o)}`:P(i,s,o),h=s>0?i.activations[s-1]:"",c=Rt(e);return{...i.square,kind:"number",unit:a,title:h?`${a} · ${h}`:a,output_name:a,squares:[""],threshold:n.middle,reach:r,hasContour:!/relu/i.test(h),field:hi(z(i,t),o,n.middle,r),points:c.points,pointSquares:c.pointSquares.map(u=>c.squares.length>1?u&&255:0),target:c.target,answer:c.answer,right:new Uint8Array(c.target.length).fill(1),isTest:c.isTest,hasBoth:c.hasBoth,pointKind:c.kind,pointMiddle:c.threshold,pointReach:c.reach}}function hi({values:i,shape:t},e,s,o){let[,n,r]=t,a=n*r,h=i.subarray(e*a,(e+1)*a);return{values:Float32Array.from(h,c=>s+(c-127)/127*o),shape:[1,n,r]}}var ht=class{constructor(t,e){this.view=t,this.onBytes=e,this.askForScriptRun=()=>{},this.askedAt=-1/0,this.socket=null,this.triedAddress="",this.timer=this.watchdog=this.animation=0}get isWaiting(){return!!(this.timer||this.watchdog)}schedule(){this.cancel();let{moving:t,interval_ms:e}=this.view.frame;if(!t)return;this.connect();let s=performance.now()-this.askedAt,o=Math.max(0,e-s-8);this.timer=setTimeout(()=>{this.animation=requestAnimationFrame(()=>this.ask())},o),this.watchdog=setTimeout(()=>this.ask(),o+3e3)}waitForScriptRun(){this.cancel();let t=()=>this.askForScriptRun(this.view.frame.seq);this.watchdog=setTimeout(t,3e3),t()}ask(){this.cancel(),!(!this.view.isConnected||!this.view.frame.moving)&&(this.askedAt=performance.now(),this.watchdog=setTimeout(()=>this.leaveSocket(),3e3),this.socket?.readyState===WebSocket.OPEN?this.socket.send("next"):this.askForScriptRun(this.view.frame.seq))}connect(){let{address:t}=this.view.frame,e=t===this.triedAddress&&performance.now()-this.triedAt<1e4;if(!t||e||this.socket?.readyState<=WebSocket.OPEN&&this.triedAddress===t)return;this.socket?.close(),this.triedAddress=t,this.triedAt=performance.now();let o=new URL(t,window.location.href);o.protocol=o.protocol.replace("http","ws");let n=new WebSocket(o);n.binaryType="arraybuffer",n.onmessage=({data:r})=>{n===this.socket&&this.view.isConnected&&this.onBytes(new Uint8Array(r))},this.socket=n}leaveSocket(){this.socket?.close(),this.socket=null,this.triedAt=performance.now(),this.ask()}cancel(){clearTimeout(this.timer),clearTimeout(this.watchdog),cancelAnimationFrame(this.animation),this.timer=this.watchdog=this.animation=0}close(){this.cancel(),this.socket?.close(),this.socket=null,this.triedAddress=""}};function _(i){return String(i).replaceAll("-","−")}function S(i,t=2){if(typeof i=="string")return i;if(i==null||Number.isNaN(i))return"not a number";if(!Number.isFinite(i))return i>0?"∞":"−∞";if(Math.abs(i)>=10**5)return i.toExponential(1).replace("-","−");let e=Math.abs(i)>=100?Math.max(0,t-1):t,s=i.toFixed(e);return/^-0\.?0*$/.test(s)?s.slice(1):s.replace("-","−")}function K(i){return i==null||!Number.isFinite(i)?S(i):_(+i.toPrecision(9))}function E(i){if(!Number.isFinite(i))return S(i);if(i===0)return"0";let t=Math.abs(i);return t<.001||t>=10**5?_(i.toExponential(1)):_(t>=100?i.toFixed(0):i.toPrecision(3))}function X(i){return i>=1e6?`${+(i/1e6).toPrecision(3)}M`:i>=1e4?`${+(i/1e3).toPrecision(3)}k`:`${+i.toPrecision(3)}`}function G(i,t){return _(+i.toPrecision(t))}var ci=2e3,ct=class{constructor(t){this.box=t,this.structure="",this.cells=[]}draw(t){let e=JSON.stringify([t.sizes,t.drawn,t.input_names,t.output_names,t.activations,t.sizes.slice(1).map((s,o)=>!!t.arrays[`bias${o}`])]);e!==this.structure&&(this.structure=e,this.build(t));for(let{cell:s,array:o,at:n}of this.cells){let r=t.arrays[o].values[n],a=String(r);s.dataset.value!==a&&(s.dataset.value=a,M(s,K(r)))}}build(t){this.cells=[];let{sizes:e,drawn:s}=t,o=[Wt(`Network ${e.join("-")}: each unit adds its bias to its inputs times their weights, and applies its activation to the sum.`)],n=ci;for(let r=0;r+1<e.length;r++){let[a,h]=[s[r],s[r+1]];if(n-=(a+1)*h,a===0||n<0){let u=e[r]*e[r+1],l=he(t,r+1);o.push(Wt(`${l}: ${u} weights, too many to read here.`));continue}o.push(this.table(t,r,a,h)),(a<e[r]||h<e[r+1])&&o.push(Wt("These are the first units of larger layers."))}this.box.replaceChildren(...o)}table(t,e,s,o){let n=w("table","reading-table");n.createCaption().textContent=he(t,e+1);let r=n.createTHead().insertRow(),a=Array.from({length:o},(u,l)=>`to ${P(t,e+1,l)}`);for(let u of["from",...a]){let l=w("th","",u);l.scope="col",r.append(l)}let h=n.createTBody(),c=(u,l,d,f)=>{let m=h.insertRow(),p=w("th","",u);p.scope="row",m.append(p);for(let g=0;g<o;g++){let b=m.insertCell();Object.assign(b.dataset,{layer:e,source:l,target:g}),this.cells.push({cell:b,array:d,at:f+g})}};for(let u=0;u<s;u++)c(P(t,e,u),u,`weight${e}`,u*o);return t.arrays[`bias${e}`]&&c("bias","bias",`bias${e}`,0),w("div","scroll",n)}};function Wt(i){return w("p","",i)}function he(i,t){let e=i.sizes.length-1,s=i.activations[t-1];return t===e?`Weights and biases of the output (${s})`:`Weights and biases of hidden layer ${t} (${s})`}var ce=`.view {
  --positive: rgb(0, 104, 183);
  --negative: rgb(222, 98, 0);
  container-type: inline-size;
  color: var(--st-text-color);
  font-family: var(--st-font), system-ui, sans-serif;
  font-size: clamp(13px, 7px + 0.55vw, 18px);
  font-variant-numeric: tabular-nums;
  line-height: 1.3;
}
.view.dark {
  --positive: rgb(78, 168, 245);
  --negative: rgb(250, 150, 50);
}
.view p,
.view dl,
.view dd,
.view h2 {
  margin: 0;
}
.view [hidden] {
  display: none;
}

.tiles {
  display: grid;
  grid-auto-flow: column;
  grid-auto-columns: minmax(0, 1fr);
  gap: 0.5em;
}
.tile {
  padding: 0.25em 0.6em 0.3em;
  background: var(--st-secondary-background-color);
  border-radius: var(--st-base-radius);
  min-width: 0;
}
.tile dt {
  font-size: 0.85em;
  opacity: 0.8;
  white-space: nowrap;
  overflow: hidden;
  text-overflow: ellipsis;
}
.tile dd {
  white-space: nowrap;
  overflow: hidden;
  text-overflow: ellipsis;
}
.tile .value {
  font-size: 1.45em;
  font-weight: 600;
  line-height: 1.15;
}
.tile .unit {
  font-size: 0.85em;
  opacity: 0.8;
}
.tiles.many {
  gap: 0.35em;
}
.tiles.many .tile {
  padding: 0.2em 0.5em;
}
.tiles.many .value {
  font-size: 1.2em;
}
.tiles.many .unit:not(.brief) {
  display: block;
  min-height: 1.2em;
  line-height: 1.2;
  overflow: hidden;
  text-overflow: ellipsis;
}

.status {
  display: flex;
  gap: 0.7em;
  height: 1.5em;
  margin: 0.35em 0 0.2em !important;
  white-space: nowrap;
  overflow: hidden;
}
.state {
  font-weight: 600;
  flex: none;
}
.message {
  opacity: 0.85;
  overflow: hidden;
  text-overflow: ellipsis;
}
/* Two lines in the room of one and its margins, so that the picture stays where it is. */
.view[data-state="failed"] .status {
  height: auto;
  min-height: 2.3em;
  margin: -0.1em 0 -0.15em !important;
  line-height: 1.15;
  white-space: normal;
}
.view[data-state="failed"] .state {
  color: var(--st-red-text-color);
}
.view[data-state="finished"] .state {
  color: var(--st-green-text-color);
}
.announced {
  position: absolute;
  width: 1px;
  height: 1px;
  overflow: hidden;
  clip-path: inset(50%);
}

.stage {
  display: grid;
  grid-template-columns: minmax(0, 1fr);
  gap: 0.9em;
}
.panel,
.curves {
  display: flex;
  flex-direction: column;
  min-width: 0;
}
.curves {
  gap: 0.3em;
}
.curves .panel {
  flex: 1;
}
.curves .beside {
  flex: none;
}
.title,
.rows caption {
  font-size: 1em;
  font-weight: 600;
  line-height: 1.4;
  padding: 0;
  text-align: left;
  color: inherit;
  white-space: nowrap;
  overflow: hidden;
  text-overflow: ellipsis;
}
.canvas-box {
  position: relative;
  flex: 1;
  min-height: 0;
}
.canvas-box canvas {
  position: absolute;
  inset: 0;
  width: 100%;
  height: 100%;
}
.network .canvas-box,
.boundary .canvas-box {
  min-height: 22em;
}
.curve .canvas-box {
  min-height: 15em;
}

.legend {
  display: flex;
  flex-wrap: wrap;
  gap: 0 1.1em;
  height: 1.5em;
  overflow: hidden;
  font-size: 0.85em;
  opacity: 0.9;
}
.entry {
  display: inline-flex;
  align-items: center;
  gap: 0.4em;
  white-space: nowrap;
}
.sample {
  width: 2em;
  border-top: 3px solid var(--positive);
}
.sample.negative {
  border-top: 3px dashed var(--negative);
}
.sample.thick {
  width: 1.4em;
  height: 7px;
  border: 0;
  background: currentColor;
  opacity: 0.6;
  clip-path: polygon(0 40%, 100% 0, 100% 100%, 0 60%);
}
.tooltip {
  position: absolute;
  z-index: 2;
  padding: 0.2em 0.5em;
  max-width: 90%;
  background: var(--st-text-color);
  color: var(--st-background-color);
  border-radius: var(--st-base-radius);
  font-size: 0.95em;
  pointer-events: none;
}

.tools {
  display: flex;
  flex-wrap: wrap;
  gap: 0 1.1em;
  min-height: 1.5em;
  font-size: 0.85em;
}
.tools label {
  cursor: pointer;
}
.tools input {
  margin: 0;
  accent-color: var(--positive);
}
.title-row {
  display: flex;
  gap: 1em;
  justify-content: space-between;
  align-items: baseline;
}
.reading-toggle {
  flex: none;
  margin: 0;
  padding: 0;
  border: 0;
  background: none;
  color: inherit;
  font: inherit;
  font-size: 0.85em;
  text-decoration: underline;
  cursor: pointer;
}
.canvas-box canvas:focus {
  outline: none;
}
.canvas-box canvas:focus-visible {
  outline: 2px solid var(--positive);
  outline-offset: 2px;
}
.editor {
  position: absolute;
  z-index: 3;
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 0.3em 0.5em;
  width: max-content;
  max-width: min(15em, 100%);
  box-sizing: border-box;
  padding: 0.4em 0.6em;
  background: var(--st-background-color);
  border: 2px solid var(--positive);
  border-radius: var(--st-base-radius);
  box-shadow: 0 2px 8px rgba(0, 0, 0, 0.3);
}
.editor label {
  display: flex;
  flex: 1 1 6em;
  flex-direction: column;
}
.editor .edited {
  font-size: 0.85em;
}
.editor input {
  width: 6.5em;
  max-width: 100%;
  box-sizing: border-box;
  padding: 0.2em 0.4em;
  color: inherit;
  background: var(--st-secondary-background-color);
  border: 1px solid var(--st-border-color);
  border-radius: 0.3em;
  font: inherit;
  font-size: max(1em, 16px); /* below 16 px, phones zoom in on the field */
}
.editor input[aria-invalid="true"] {
  border-color: var(--st-red-text-color);
}
.editor .accept {
  align-self: flex-end;
  padding: 0.3em 0.8em;
  color: #fff;
  background: rgb(0, 104, 183);
  border: 0;
  border-radius: 0.3em;
  font: inherit;
  cursor: pointer;
}
.editor .problem {
  flex-basis: 100%;
  color: var(--st-red-text-color);
  font-size: 0.9em;
}
.editor .problem:empty {
  display: none;
}
.reading {
  margin-top: 0.8em;
}
.reading-table {
  margin: 0.4em 0;
  border-collapse: collapse;
}
.reading-table caption {
  font-weight: 600;
  text-align: left;
}
.reading-table th,
.reading-table td {
  padding: 0.1em 0.8em 0.1em 0;
  text-align: right;
  white-space: nowrap;
}
.reading-table th[scope="row"] {
  font-weight: 400;
  text-align: left;
}

.below {
  display: flex;
  flex-direction: column;
  gap: 1em;
  margin-top: 0.8em;
}
.below:empty {
  display: none;
}
.pictures .canvas-box,
.examples .canvas-box {
  flex: none;
  margin-top: 0.3em;
}

/* A shadow at the side where more is hidden; the covers of ground colour move with the table. */
.scroll {
  overflow-x: auto;
  background:
    linear-gradient(90deg, var(--st-background-color) 40%, transparent) 0 0 / 2em 100% no-repeat
      local,
    linear-gradient(-90deg, var(--st-background-color) 40%, transparent) 100% 0 / 2em 100%
      no-repeat local,
    linear-gradient(90deg, rgba(128, 128, 128, 0.55), transparent) 0 0 / 0.8em 100% no-repeat
      scroll,
    linear-gradient(-90deg, rgba(128, 128, 128, 0.55), transparent) 100% 0 / 0.8em 100% no-repeat
      scroll;
}
.rows {
  border-collapse: collapse;
  min-width: min(100%, 32em);
}
.rows th,
.rows td {
  padding: 0.2em 0.9em;
  border-bottom: 1px solid var(--st-border-color);
  text-align: right;
  white-space: nowrap;
}
.rows thead th {
  font-weight: 600;
  font-size: 0.9em;
  opacity: 0.85;
}
.rows .input {
  text-align: center;
}
.rows th:last-child {
  text-align: left;
}
.rows .output {
  min-width: 4.5em;
}
.rows .mark {
  text-align: left;
  min-width: 5em;
  font-weight: 600;
}
.rows tr[data-right="true"] .mark {
  color: var(--st-green-text-color);
}
.rows tr[data-right="false"] .mark {
  color: var(--st-red-text-color);
}
.beside .rows {
  min-width: 100%;
  font-size: 0.9em;
}
.beside .rows th,
.beside .rows td {
  padding: 0.15em 0.5em;
}
.matrix th,
.matrix td {
  padding: 0.15em 0.3em;
}
.matrix .input,
.matrix .target {
  text-align: center;
  min-width: 2.2em;
}
.matrix .probability {
  text-align: center;
  min-width: 2.8em;
}
.matrix td.probability {
  border: 1px solid var(--st-background-color);
  font-size: 0.9em;
}
.matrix td.wanted {
  outline: 2px solid var(--st-text-color);
  outline-offset: -2px;
}
.matrix td.chosen {
  font-weight: 700;
}
.matrix .mark {
  padding-left: 0.8em;
}
.rows.crowded thead th,
.rows.crowded td {
  padding: 0 0.1em;
  font-size: 0.72em;
  line-height: 1.35;
}
.rows.crowded th:last-child,
.rows.crowded .mark {
  padding-left: 1em;
}
.crowded .probability {
  min-width: 1.6em;
}
.crowded .input {
  min-width: 1.8em;
}

@container (min-width: 560px) {
  .stage {
    grid-template-columns: repeat(2, minmax(0, 1fr));
  }
  .stage.with-network[data-columns="3"] .network {
    grid-column: 1 / -1;
  }
}
@container (min-width: 740px) {
  .stage {
    height: clamp(340px, 38.5cqw, 580px);
    grid-template-rows: minmax(0, 1fr);
  }
  .stage[data-columns="1"] {
    grid-template-columns: minmax(0, 1fr);
  }
  .stage[data-columns="1"]:not(.with-network) {
    height: clamp(220px, 26cqw, 360px);
  }
  .stage.with-network[data-columns="2"] {
    grid-template-columns: minmax(0, 1.3fr) minmax(0, 1fr);
  }
  .stage.with-network[data-columns="3"] {
    grid-template-columns: minmax(0, 1.4fr) minmax(0, 1.2fr) minmax(0, 0.9fr);
  }
  .stage.with-network[data-columns="3"] .network {
    grid-column: auto;
  }
  .stage .canvas-box {
    min-height: 0;
  }
}
@container (max-width: 559px) {
  .status {
    height: auto;
    min-height: 2.7em; /* two lines, so that the picture stays where it is */
    white-space: normal;
  }
  .view[data-state="failed"] .status {
    min-height: 2.7em;
    margin: 0.35em 0 0.2em !important;
  }
  .rows.matrix {
    min-width: 0;
    font-size: 0.9em;
  }
  .matrix .input,
  .matrix .target {
    min-width: 1.8em;
  }
  .rows.matrix .mark {
    min-width: 0;
    padding-left: 0.3em;
  }
  .tiles {
    grid-auto-flow: row;
    grid-template-columns: repeat(3, minmax(0, 1fr));
  }
}
`;var lt=class{constructor(t){this.canvas=t,this.context=t.getContext("2d"),this.width=0,this.height=0}resize(t,e){this.width=t,this.height=e}begin(t,e){let s=window.devicePixelRatio||1,o=Math.round(this.width*s),n=Math.round(this.height*s);(this.canvas.width!==o||this.canvas.height!==n)&&(this.canvas.width=o,this.canvas.height=n);let r=this.context;return r.setTransform(s,0,0,s,0,0),r.clearRect(0,0,this.width,this.height),r.setLineDash([]),r.textBaseline="middle",r.textAlign="left",this.theme=t,this.unit=e,this.setFont(.8),r}setFont(t,e=400){this.context.font=`${e} ${Math.max(9,t*this.unit)}px ${this.theme.font}`}write(t,e,s,{color:o=this.theme.text,align:n="center"}={}){this.context.textAlign=n,this.context.fillStyle=o,this.context.fillText(t,e,s)}label(t,e,s,{color:o=this.theme.text,align:n="center"}={}){let r=this.context;r.textAlign=n,r.lineJoin="round",r.lineWidth=4,r.strokeStyle=this.theme.halo,r.setLineDash([]),r.strokeText(t,e,s),r.fillStyle=o,r.fillText(t,e,s)}plate(t,e,s){let o=this.context,n=parseFloat(o.font.match(/([\d.]+)px/)[1]),r=o.measureText(t).width+5;o.fillStyle=this.theme.plate,o.beginPath(),o.roundRect(e-r/2,s-n*.6,r,n*1.2,n*.3),o.fill(),o.textAlign="center",o.fillStyle=this.theme.text,o.fillText(t,e,s)}};function V(i,t,e,s,o,n){i.lineJoin=i.lineCap="round",i.strokeStyle=e,i.lineWidth=s,i.stroke(t),i.strokeStyle=o,i.lineWidth=n,i.stroke(t),i.lineCap="butt"}var ui=300,le=16,ue=40,di=8;function zt({type:i,kind:t,inputs:e,output_names:s}){return i==="table"&&t==="binary"&&e.length<=di&&s.length===1}var ut=class{constructor(t){this.box=t,this.structure="",this.drawnAt=0}draw(t,e,s){let o=JSON.stringify([e.kind,e.input_names,e.output_names,e.inputs,e.targets,!!e.probabilities]);o!==this.structure&&(this.structure=o,this.build(e),this.drawnAt=0);let n=e.inputs.length*e.output_names.length,r=performance.now();n>ui&&!s&&r-this.drawnAt<250||(this.drawnAt=r,e.kind==="classes"?this.updateMatrix(t,e):this.updateRows(e))}build(t){let e=t.kind==="classes",s=e&&t.output_names.length>le,o=w("table",e?"rows matrix":"rows");o.classList.toggle("crowded",s),o.createCaption().textContent=t.title;let n=o.createTHead().insertRow();for(let[a,h]of mi(t,e,s)){let c=w("th",h,a);c.scope="col",n.append(c)}let r=o.createTBody();this.rows=t.inputs.map((a,h)=>{let c=r.insertRow();c.dataset.row=h,c.dataset.inputs=a.join(" ");for(let u of s?[a.join(" ")]:a)F(c,u,"input");return e?fi(c,t,h):pi(c,t,h)}),this.box.replaceChildren(o)}updateRows(t){this.rows.forEach(({row:e,answers:s,mark:o},n)=>{s.forEach(({output:r,probability:a,answer:h},c)=>{M(r,qt(t.outputs[n][c])),a&&M(a,qt(t.probabilities[n][c]));let u=t.errors?wi(t.errors[n][c]):Bt(t.answers[n][c]);M(h,u)}),j(e,"output",t.outputs[n].join(" ")),t.probabilities&&j(e,"probability",t.probabilities[n].join(" ")),!t.errors&&(j(e,"answer",t.answers[n].map(Bt).join(" ")),de(e,o,t.right[n]))})}updateMatrix(t,e){let{values:s,shape:o}=e.arrays.outputs,n=o[1],r=this.themeKey!==t.key;this.themeKey=t.key,this.rows.forEach(({row:a,cells:h,answer:c,mark:u},l)=>{let d=e.answers[l];h.forEach((f,m)=>{let p=s[l*n+m];M(f,n>le?"":S(p)),j(f,"output",String(p)),gi(f,t,p,r),f.isChosen!==(m===d)&&(f.isChosen=m===d,f.classList.toggle("chosen",f.isChosen))}),M(c,e.output_names[d]),j(a,"answer",e.output_names[d]),de(a,u,e.right[l])})}};function mi(i,t,e){let s=(e?["inputs"]:i.input_names).map(h=>[h,"input"]),o=i.errors?[]:[["right?",""]];if(t){let h=i.output_names.map(c=>[c,"probability"]);return[...s,["target",""],...h,["answer",""],...o]}let n=i.probabilities?["logit","probability"]:["output"],r=i.errors?"output − target":i.kind==="number"?"rounded":"class",a=i.output_names.flatMap(h=>["target",...n,r].map(c=>[i.output_names.length>1?`${c} ${h}`:c,""]));return[...s,...a,...o]}function fi(i,t,e){let s=t.targets[e];i.dataset.target=t.output_names[s],F(i,t.output_names[s],"target");let o=t.output_names.map((n,r)=>F(i,"",r===s?"probability wanted":"probability"));return{row:i,cells:o,answer:F(i),mark:F(i,"","mark")}}function pi(i,t,e){let s=t.targets[e].map(Bt),o=s.map(n=>{F(i,n,"target");let r=F(i,"","output"),a=t.probabilities?F(i,"","output"):null;return{output:r,probability:a,answer:F(i)}});return i.dataset.target=s.join(" "),{row:i,answers:o,mark:t.errors?null:F(i,"","mark")}}function F(i,t="",e=""){let s=i.insertCell();return s.textContent=t,s.className=e,s}function gi(i,t,e,s){let o=Math.round(ue*Math.min(1,Math.max(0,e||0)));if(i.level===o&&!s)return;i.level=o;let n=C(t.neutral,t.positive,o/ue);i.style.backgroundColor=k(n),i.style.color=rt(n)>130?"#111":"#fff"}function de(i,t,e){M(t,e?"✓ right":"✗ wrong"),j(i,"right",String(e))}function Bt(i){return i===null?"NaN":_(i)}function qt(i){return i===null?"NaN":S(i,4)}function wi(i){return(i>0?"+":"")+qt(i)}var me=20;function fe(i,...t){let e=w("section",`panel ${i.type}`,...t);return e.dataset.panel=i.name,e}var dt=class{constructor(t){this.type=t.type;let e=w("div","scroll");this.box=fe(t,e),this.table=new ut(e)}measure(){}paint(t,{theme:e,isAtRest:s}){this.table.draw(e,t,s)}},H=class{constructor(t,e,s){this.type=t.type,this.drawing=e,this.describe=s,this.title=w("h2","title"),this.canvas=w("canvas"),this.canvas.setAttribute("role","img"),this.canvasBox=w("div","canvas-box",this.canvas),this.surface=new lt(this.canvas),this.box=fe(t,this.title,this.canvasBox)}measure(t,e){this.drawing.arrange&&this.fitHeight(t,e),this.surface.resize(this.canvasBox.clientWidth,this.canvasBox.clientHeight)}fitHeight(t,e){let{height:s}=this.drawing.arrange(t,this.canvasBox.clientWidth,e);this.canvasBox.style.height=`${Math.ceil(s)}px`}paint(t,{theme:e,unit:s,isDescribed:o}){let{surface:n,drawing:r}=this;M(this.title,this.titleOf(t)),r.arrange&&this.imageShape!==t.arrays.images.shape.join()&&(this.imageShape=t.arrays.images.shape.join(),this.measure(t,s)),!(n.width<me||n.height<me)&&(n.begin(e,s),r.draw(n,t),this.afterDrawing(t),(o||!this.canvas.ariaLabel)&&this.updateDescription(t))}titleOf(t){return t.title}afterDrawing(){}updateDescription(t){let e=this.describe(t);this.canvas.ariaLabel!==e&&(this.canvas.ariaLabel=e)}};var bi=24,pe=14,J=class extends H{constructor(t,e,s,o,n){super(t,e,s),this.name=t.name,this.view=o,this.selection=e.selection,this.tooltip=w("div","tooltip"),this.tooltip.hidden=!0,this.announced=w("p","announced"),this.announced.setAttribute("aria-live","polite"),this.canvasBox.append(this.tooltip,this.announced),this.canvas.tabIndex=0,this.canvas.setAttribute("role","application"),this.canvas.setAttribute("aria-roledescription",n),this.listenToPointer(),this.listenToKeys()}get panel(){return this.view.panelNamed(this.name)}listenToPointer(){let{canvas:t,selection:e}=this;t.onpointermove=t.onpointerdown=s=>{e.pointer={x:s.offsetX,y:s.offsetY},this.isTouch=s.pointerType==="touch",s.type==="pointerdown"&&(e.cursor=null,this.onPointerDown()),this.view.repaintSoon()},t.onpointerleave=t.onpointercancel=s=>{s.type==="pointerleave"&&this.isTouch||(e.pointer=null,this.view.repaintSoon())},t.onclick=({offsetX:s,offsetY:o})=>{let n=this.lastTap,r=n&&Math.hypot(n.x-s,n.y-o)<bi,a=this.isTouch&&!r;this.lastTap=a?{x:s,y:o}:null,a||this.click(e.targetAt(s,o),this.panel),this.view.repaint()}}listenToKeys(){let{canvas:t,selection:e}=this;t.onfocus=()=>{e.hasFocus=!0,t.matches(":focus-visible")&&!e.pointer&&e.startCursor(),this.view.repaintSoon()},t.onblur=()=>{e.hasFocus=this.keepsFocus,this.view.repaintSoon()},t.onkeydown=s=>{s.ctrlKey||s.metaKey||s.altKey||this.press(s)&&(s.preventDefault(),s.stopPropagation(),this.view.repaint(),M(this.announced,this.tooltip.hidden?"":this.tooltip.textContent))}}press({key:t,shiftKey:e}){let{selection:s}=this;if(t==="Escape")return s.escape();if(t!=="Enter"&&t!==" ")return s.moveCursor(t,this.panel,e);let o=s.selected();return o&&this.click(o,this.panel),!!o}onPointerDown(){}get keepsFocus(){return!1}afterDrawing(t){let{tooltip:e,selection:s,surface:o}=this,n=s.tooltipText(t);if(e.hidden=!n,!n)return;M(e,n);let{x:r,y:a}=s.tooltipPlace(),h=r<o.width/2;e.style.left=h?`${r+pe}px`:"auto",e.style.right=h?"auto":`${o.width-r+pe}px`,e.style.top=`${Math.max(0,a-12)}px`}};var N={test:!0,discrete:!1,lines:null};function mt(i){return N.lines??(i.arrays.lines?.shape[0]??0)<=4}var xi=[["test","test points, hollow","Points that are not trained on."],["lines","units’ lines","Where the weighted sum of each unit in the first hidden layer is 0, its bias included."],["discrete","discretised","The answer alone, without how sure it is."]],ft=class{constructor(t){this.entries=xi.map(([e,s,o])=>{let n=w("input");n.type="checkbox",n.dataset.choice=e,n.onchange=()=>{N[e]=n.checked,t()};let r=w("label","entry",n,s);return r.title=o,{choice:e,input:n,label:r}}),this.box=w("p","tools",...this.entries.map(({label:e})=>e))}update(t){let e={test:It(t),lines:!!t.arrays.lines,discrete:!0},s={...N,lines:mt(t)};for(let{choice:o,input:n,label:r}of this.entries)r.hidden===e[o]&&(r.hidden=!e[o]),n.checked!==s[o]&&(n.checked=s[o])}};function Y(i,t){let e=i/Math.max(1,t),s=10**Math.floor(Math.log10(e));return[1,2,5,10].map(o=>o*s).find(o=>o>=e*.999)}function $({low:i,high:t},e){return(e-i)/(t-i)}function Ht(i,t,e,s,o,n){let r=Math.min(e-2,Math.max(0,Math.floor(o))),a=Math.min(s-2,Math.max(0,Math.floor(n))),h=o-r,c=n-a,u=t+a*e+r,l=i[u]+h*(i[u+1]-i[u]),d=i[u+e]+h*(i[u+e+1]-i[u+e]);return l+c*(d-l)}function Ut(i,t,e,s,o){let n=(e-1)/(o-1),r=(s-1)/(o-1);return a=>{let[h,c]=[a%o,Math.floor(a/o)];return Ht(i,t,e,s,h*n,c*r)}}function jt(i,t,e,s,o,{x:n,y:r,side:a}){let h=a/(e-1),c=a/(s-1),u=r+a,l=(d,f)=>(o-d)/(f-d);for(let d=0;d<s-1;d++)for(let f=0;f<e-1;f++){let m=d*e+f,p=t(m),g=t(m+1),b=t(m+e+1),y=t(m+e),x=p>=o|(g>=o)<<1|(b>=o)<<2|(y>=o)<<3;if(x===0||x===15)continue;let v=n+f*h,T=u-d*c,A=()=>[v+l(p,g)*h,T],O=()=>[v+h,T-l(g,b)*c],B=()=>[v+l(y,b)*h,T-c],R=()=>[v,T-l(p,y)*c],L=(it,nt)=>{i.moveTo(...it()),i.lineTo(...nt())},U=(p+g+b+y)/4>=o;x===1||x===14?L(R,A):x===2||x===13?L(A,O):x===4||x===11?L(O,B):x===8||x===7?L(B,R):x===3||x===12?L(R,O):x===6||x===9?L(A,B):x===5===U?(L(R,B),L(A,O)):(L(R,A),L(O,B))}}function ge([i,t,e],s,o){let n=[],r=(a,h)=>{let c=l=>l>=s-1e-9&&l<=o+1e-9;if(!c(a)||!c(h))return;let u=[(a-s)/(o-s),(h-s)/(o-s)];n.every(l=>Math.hypot(l[0]-u[0],l[1]-u[1])>1e-6)&&n.push(u)};for(let a of[s,o])t!==0&&r(a,-(i*a+e)/t),i!==0&&r(-(t*a+e)/i,a);return n.length<2?null:n.slice(0,2)}function Q({low:i,high:t}){if(i===-.25&&t===1.25)return[0,1];let e=Y(t-i,6),s=[];for(let o=Math.ceil(i/e-1e-9);o*e<=t+e*1e-9;o++)s.push(+(o*e).toPrecision(12));return s}function we(i,t){let e=i.names.map((c,u)=>`${c} = ${E(i.points[2*t+u])}`).join(", "),s=i.hasBoth?i.isTest[t]?"test point":"training point":"point";if(i.unit)return`${s} ${e}`;let o=i.kind==="classes",n=o?i.classes[i.target[t]]:E(i.target[t]),r=o?"probability of its answer":"output",a=i.right?i.right[t]?" ✓ right":" ✗ wrong":"",h=+i.answer[t].toPrecision(6);return`${s} ${e}: target ${n}, ${r} ${h}${a}`}function be(i,{square:t,x1:e,x2:s}){let{values:o,shape:n}=i.field,[r,a,h]=n,[c,u]=[$(i,e)*(h-1),$(i,s)*(a-1)],l=m=>Ht(o,m*a*h,h,a,c,u);if(i.kind!=="classes")return`${i.unit??"output"} ≈ ${E(l(t))}`;let f=i.classes.map((m,p)=>({name:m,value:p<r?l(p):0})).reduce((m,p)=>p.value>m.value?p:m);return`${f.name}, probability ≈ ${E(f.value)}`}function xe(i){let{right:t,is_test:e}=i.arrays,s=e.values.length,o=Dt(i),n=[`${i.title}.`];if(o&&o<s&&n.push(`${s-o} training and ${o} test points.`),!t)return[...n,yi(i)].join(" ");let r=t.values.reduce((a,h)=>a+h,0);return i.kind==="classes"?n.push(`${r} of ${s} points lie in the region of their class.`):n.push(`${r} of ${s} points lie on their side of the threshold ${i.threshold}. Circles have target 0, squares target 1.`),n.join(" ")}function yi({arrays:{target:i,answer:t}}){let e=i.values.map((n,r)=>Math.abs(n-t.values[r])),s=e.reduce((n,r)=>n+r,0)/Math.max(1,e.length);return`Outputs differ from the targets of ${e.length} points by ${E(s)} on average.`}var Yt=class{constructor(){this.canvas=document.createElement("canvas")}fill(t,e,s,o){(this.canvas.width!==t||this.canvas.height!==e||!this.image)&&(this.canvas.width=t,this.canvas.height=e,this.context=this.canvas.getContext("2d"),this.image=this.context.createImageData(t,e),this.pixels=new Uint32Array(this.image.data.buffer));for(let n=0;n<e;n++){let r=(s?e-1-n:n)*t;for(let a=0;a<t;a++)this.pixels[r+a]=o(n*t+a)}this.context.putImageData(this.image,0,0)}drawSamples(t,e,s,o,n){let r=this.canvas.width,a=this.canvas.height,h=r>1?.5:0,c=a>1?.5:0;t.imageSmoothingEnabled=!0,t.imageSmoothingQuality="medium",t.drawImage(this.canvas,h,c,r-2*h,a-2*c,e,s,o,n)}drawPixels(t,e,s,o,n){t.imageSmoothingEnabled=!1,t.drawImage(this.canvas,e,s,o,n)}};function W(i,t){return i[t]??=new Yt}function pt(i,{threshold:t,reach:e},s,o,n){let{context:r,theme:a,unit:h}=i,c=r.createLinearGradient(s,0,s+n,0);c.addColorStop(0,k(a.negative)),c.addColorStop(.5,k(a.neutral)),c.addColorStop(1,k(a.positive));let u=h*.6;r.fillStyle=c,r.fillRect(s,o,n,u),r.strokeStyle=a.line,r.lineWidth=1,r.strokeRect(s,o,n,u),r.strokeStyle=a.text,r.lineWidth=h*.17,r.beginPath(),r.moveTo(s+n/2,o-2),r.lineTo(s+n/2,o+u+2),r.stroke(),i.setFont(.75);let l=o+u+h*.6,d=a.faint;i.label(G(t-e,3),s,l,{align:"left",color:d}),i.label(G(t,3),s+n/2,l,{color:d}),i.label(G(t+e,3),s+n,l,{align:"right",color:d})}var ye=["circle","square","triangle","diamond","down","plus","star","cross","hexagon","bar"];function Xt(i){return ye[i%ye.length]}function Gt(i,t){return k(i.classes[t%i.classes.length])}function gt(i,t,e){let s=t.pointKind??t.kind;if(s==="classes")return{shape:Xt(e),color:Gt(i,e)};if(s==="number"){let o=t.pointMiddle??t.threshold,n=Math.min(1,Math.max(-1,(e-o)/(t.pointReach??t.reach))),r=n<0?i.negative:i.positive;return{shape:n<0?"circle":"square",color:k(C(i.neutral,r,Math.abs(n)))}}return e?{shape:"square",color:k(i.positive)}:{shape:"circle",color:k(i.negative)}}var Kt={square:[[-.9,-.9],[.9,-.9],[.9,.9],[-.9,.9]],triangle:[[0,-1.15],[1.1,.85],[-1.1,.85]],diamond:[[0,-1.25],[1.05,0],[0,1.25],[-1.05,0]],down:[[0,1.15],[1.1,-.85],[-1.1,-.85]],bar:[[-1.3,-.55],[1.3,-.55],[1.3,.55],[-1.3,.55]],plus:[[-.4,-1.1],[.4,-1.1],[.4,-.4],[1.1,-.4],[1.1,.4],[.4,.4],[.4,1.1],[-.4,1.1],[-.4,.4],[-1.1,.4],[-1.1,-.4],[-.4,-.4]],hexagon:Array.from({length:6},(i,t)=>[1.1*Math.cos(t*Math.PI/3),1.1*Math.sin(t*Math.PI/3)]),star:Array.from({length:10},(i,t)=>{let e=t%2?.55:1.3;return[e*Math.sin(t*Math.PI/5),-e*Math.cos(t*Math.PI/5)]})};Kt.cross=Kt.plus.map(([i,t])=>[(i-t)*.72,(i+t)*.72]);function Z(i,t,e,s,o,n,r=!1){let{context:a,theme:h}=i;if(a.setLineDash([]),a.beginPath(),o==="circle")a.arc(t,e,s,0,2*Math.PI);else{for(let[u,l]of Kt[o])a.lineTo(t+u*s,e+l*s);a.closePath()}a.lineJoin="round";let c=s<4;if(r){a.strokeStyle=h.text,a.lineWidth=c?2.6:s*.8,a.stroke(),a.fillStyle=h.background,a.fill(),a.strokeStyle=n,a.lineWidth=c?1.3:s*.4,a.stroke();return}if(a.fillStyle=n,c){a.strokeStyle=h.text,a.lineWidth=1.8,a.stroke(),a.fill();return}a.fill(),a.strokeStyle=h.halo,a.lineWidth=s*.75,a.stroke(),a.strokeStyle=h.text,a.lineWidth=Math.max(.8,s*.3),a.stroke()}function wt(i,t,e,s){let{context:o,theme:n}=i,r=s*2.1;o.beginPath(),o.arc(t,e,r,0,2*Math.PI),o.strokeStyle=n.halo,o.lineWidth=s*.9,o.stroke(),o.strokeStyle=n.wrong,o.lineWidth=s*.5,o.stroke();let[a,h]=[t+r*.8,e+r*.8],c=s*.55;o.beginPath(),o.arc(a,h,s*1.1,0,2*Math.PI),o.fillStyle=n.wrong,o.fill(),o.beginPath();for(let u of[-1,1])o.moveTo(a-c,h-u*c),o.lineTo(a+c,h+u*c);o.strokeStyle=n.dark?"#000":"#fff",o.lineWidth=s*.42,o.stroke()}function ke(i,t,{x:e,y:s,side:o}){let{context:n,theme:r,unit:a}=i;n.strokeStyle=r.line,n.lineWidth=1,n.strokeRect(e,s,o,o);let h=u=>$(t,u)*o,c=Q(t);n.strokeStyle=r.faint,n.beginPath();for(let u of c){let l=Math.round(h(u))+.5;n.moveTo(e+l,s+o),n.lineTo(e+l,s+o+4),n.moveTo(e-4,s+o-l),n.lineTo(e,s+o-l)}n.stroke(),i.setFont(.75);for(let u of c){let l=_(u);i.label(l,e+h(u),s+o+a*.75,{color:r.faint}),i.label(l,e-a*.45,s+o-h(u),{color:r.faint,align:"right"})}i.setFont(.85,600),i.label(t.names[0],e+o/2,s+o+a*(c.length>2?1.55:1)),i.label(t.names[1],e-a*(c.length>2?1.75:1.1),s+o/2)}function ve(i,t,e,s,o){let{context:n,theme:r,unit:a}=i;i.setFont(.8);let h=e;t.classes.forEach((c,u)=>{let l=n.measureText(c).width+a*1.6;h+l>e+o+a||(Z(i,h+a*.4,s+a*.5,a*.4,Xt(u),Gt(r,u)),i.label(c,h+a*1,s+a*.5,{align:"left"}),h+=l)})}var ki=64;function Vt(i,t,e){let s=i.isTest[t]&&i.hasBoth&&!N.test;return i.pointSquares[t]===e&&!s}function Me(i,t,{number:e,x:s,y:o,side:n}){let{theme:r,unit:a}=i,{points:h,target:c,right:u,isTest:l}=t,d=c.length>ki,f=d?Math.max(2.2,Math.min(a*.24,n*.011)):Math.max(4,Math.min(a*.55,n*.045));for(let m=0;m<c.length;m++){if(!Vt(t,m,e))continue;let p=s+$(t,h[2*m])*n,g=o+n-$(t,h[2*m+1])*n,{shape:b,color:y}=gt(r,t,c[m]);Z(i,p,g,f,b,y,l[m]&&t.hasBoth),u&&!u[m]&&!d&&wt(i,p,g,f)}}var vi=9,Mi=60,Si={ArrowLeft:[-1,0],ArrowRight:[1,0],ArrowUp:[0,1],ArrowDown:[0,-1]},bt=class{constructor(){this.scene=null,this.squares=[],this.pointer=null,this.cursor=null,this.hasFocus=!1}get hasPlane(){return!!this.scene&&this.scene.names.length>1}targetAt(t,e){if(!this.hasPlane)return null;let s=this.squares.find(r=>t>=r.x&&t<=r.x+r.side&&e>=r.y&&e<=r.y+r.side);if(!s)return null;let{low:o,high:n}=this.scene;return{square:s.number,x1:o+(t-s.x)/s.side*(n-o),x2:o+(s.y+s.side-e)/s.side*(n-o)}}selected(){return this.cursor&&{square:0,x1:this.cursor[0],x2:this.cursor[1]}}pointAt(t,e){let{scene:s}=this;if(!this.hasPlane)return null;let[o,n]=[null,vi];for(let r of this.squares)for(let a=0;a<s.target.length;a++){if(!Vt(s,a,r.number))continue;let h=Math.hypot(r.x+$(s,s.points[2*a])*r.side-t,r.y+r.side-$(s,s.points[2*a+1])*r.side-e);h<n&&([o,n]=[a,h])}return o}crosshairPlace(){if(!this.cursor||!this.hasFocus||!this.squares.length||!this.scene)return null;let{x:t,y:e,side:s}=this.squares[0];return{x:t+$(this.scene,this.cursor[0])*s,y:e+s-$(this.scene,this.cursor[1])*s}}tooltipPlace(){return this.pointer??this.crosshairPlace()}tooltipText(){let t=this.tooltipPlace(),{scene:e}=this;if(!t||!e)return"";let s=this.pointAt(t.x,t.y);if(s!==null)return we(e,s);let o=this.pointer?this.targetAt(t.x,t.y):this.selected();return o?`${`${e.names[0]} = ${S(o.x1)}, ${e.names[1]} = ${S(o.x2)}`}: ${be(e,o)}`:""}escape(){let t=!!this.cursor;return this.cursor=null,t}startCursor(){if(!this.hasPlane)return;let t=(this.scene.low+this.scene.high)/2;this.cursor??=[t,t]}moveCursor(t,e,s){let o=Si[t];if(!o||!this.hasPlane)return!1;this.startCursor();let{low:n,high:r}=this.scene,a=(r-n)/Mi*(s?5:1);return this.cursor=this.cursor.map((h,c)=>Math.min(r,Math.max(n,h+o[c]*a))),this.pointer=null,!0}};var tt=121,Se=4;function Te(i,t,e,s){if(t.kind==="classes"){Ai(i,t,e,s);return}let{context:o,theme:n,unit:r}=i,{values:a,shape:h}=t.field,[,c,u]=h,l=s.number*c*u,{threshold:d,reach:f}=t;if(N.discrete){let p=Ut(a,l,u,c,tt);e.fill(tt,tt,!0,g=>n.diverging[st($i((p(g)-d)/f,t.kind))])}else e.fill(u,c,!0,p=>n.diverging[st((a[l+p]-d)/f)]);if(e.drawSamples(o,s.x,s.y,s.side,s.side),!t.hasContour)return;let m=new Path2D;jt(m,p=>a[l+p],u,c,d,s),V(o,m,n.halo,r*.38,n.text,r*.17)}function $i(i,t){return Number.isNaN(i)?NaN:t==="number"?Math.round(i*Se)/Se:i<0?-.75:.75}function Ai({context:i,theme:t,unit:e},s,o,n){let{values:r,shape:a}=s.field,[h,c,u]=a,l=c*u,d=Array.from({length:h},(m,p)=>Ut(r,p*l,u,c,tt)),f=1/h;o.fill(tt,tt,!0,m=>{let[p,g]=[-1/0,0];for(let x=0;x<h;x++){let v=d[x](m);v>p&&([p,g]=[v,x])}if(!(p>-1/0))return t.diverging[127];let b=Math.min(1,Math.max(0,(p-f)/(1-f))),y=Math.round((N.discrete?.75:b)*40);return t.regions[g%t.regions.length][y]}),o.drawSamples(i,n.x,n.y,n.side,n.side);for(let m=0;m<h;m++){let p=Float32Array.from({length:l},(b,y)=>Ci(r,h,l,m,y)),g=new Path2D;jt(g,b=>p[b],u,c,0,n),i.strokeStyle=t.text,i.lineWidth=e*.1,i.stroke(g)}}function Ci(i,t,e,s,o){let n=-1/0;for(let r=0;r<t;r++)r!==s&&(n=Math.max(n,i[r*e+o]));return i[s*e+o]-n}function $e(i,t,{x:e,y:s,side:o}){let{context:n,theme:r,unit:a}=i,{values:h,shape:c}=t.lines;n.setLineDash([a*.5,a*.35]),i.setFont(.72,600);let u=[];for(let l=0;l<c[0];l++){let d=ge(h.subarray(3*l,3*l+3),t.low,t.high);if(!d)continue;let[[f,m],[p,g]]=d.map(([y,x])=>[e+y*o,s+(1-x)*o]),b=new Path2D;b.moveTo(f,m),b.lineTo(p,g),n.strokeStyle=r.halo,n.lineWidth=a*.22,n.stroke(b),n.strokeStyle=r.faint,n.lineWidth=a*.11,n.stroke(b),u.push({text:String(l+1),x:f+(p-f)*.06,y:m+(g-m)*.06})}n.setLineDash([]);for(let l of u)i.plate(l.text,l.x,l.y)}function Ae(i,t,e){let{unit:s,width:o,height:n}=i,r={x:s*2.6,y:s*.5};r.width=o-r.x-s*.6,r.height=n-r.y-s*2.2;let{threshold:a,reach:h}=t,[c,u]=[a-1.25*h,a+1.25*h],l=g=>r.x+$(t,g)*r.width,d=g=>r.y+(1-$({low:c,high:u},Math.min(u,Math.max(c,g))))*r.height;Pi(i,t,e,r,l,d),Oi(i,t,r,l,d);let{points:f,target:m,right:p}=t;for(let g=0;g<m.length;g++){let[b,y]=[l(f[g]),d(a+(m[g]?h:-h))],{shape:x,color:v}=gt(i.theme,t,m[g]);Z(i,b,y,s*.55,x,v),p[g]||wt(i,b,y,s*.55)}}function Pi({context:i,theme:t,unit:e},s,o,n,r,a){let{threshold:h,reach:c}=s,{values:u,shape:l}=s.field,d=l[2];o.fill(d,1,!0,m=>{let p=(u[m]-h)/c;return t.diverging[st(N.discrete?Math.sign(p)*.75:p)]}),i.globalAlpha=.55,o.drawSamples(i,n.x,n.y,n.width,n.height),i.globalAlpha=1,i.strokeStyle=t.line,i.lineWidth=1,i.strokeRect(n.x,n.y,n.width,n.height),i.strokeStyle=t.faint,i.setLineDash([4,4]),i.beginPath(),i.moveTo(n.x,a(h)),i.lineTo(n.x+n.width,a(h)),i.stroke(),i.setLineDash([]);let f=new Path2D;for(let m=0;m<d;m++){let p=s.low+(s.high-s.low)*m/(d-1);f.lineTo(r(p),a(u[m]))}V(i,f,t.halo,e*.4,t.text,e*.19)}function Oi(i,t,e,s,o){let{theme:n,unit:r}=i,{threshold:a,reach:h}=t,c=e.y+e.height,u=n.faint;i.setFont(.75);for(let l of Q(t))i.label(_(l),s(l),c+r*.65,{color:u});for(let l of[a-h,a,a+h]){let d=G(l,3);i.label(d,e.x-r*.35,o(l),{color:u,align:"right"})}i.setFont(.85,600),i.label(t.names[0],e.x+e.width/2,c+r*1.3),i.label(t.output_name,r*.7,e.y+r*.5)}var xt=class{constructor(){this.bitmaps=[],this.enlarged=null,this.selection=new bt}draw(t,e){let s=this.enlarged??Rt(e);if(this.selection.scene=s,s.names.length===1){this.selection.squares=[],Ae(t,s,W(this.bitmaps,0));return}let o=Li(t,s);this.selection.squares=o.squares;for(let n of o.squares)this.drawSquare(t,s,n);o.squares.length&&_i(t,s,o),this.drawCrosshair(t)}drawSquare(t,e,s){if(Te(t,e,W(this.bitmaps,s.number),s),e.lines&&mt(e.panel)&&$e(t,e,s),ke(t,e,s),Me(t,e,s),e.squares.length<2)return;t.setFont(.8,600);let o=e.squares[s.number];t.label(o,s.x+s.side/2,s.y-t.unit*.7)}drawCrosshair({context:t,theme:e}){let s=this.selection.crosshairPlace();if(!s)return;let{x:o,y:n,side:r}=this.selection.squares[0],a=new Path2D;a.moveTo(o,s.y),a.lineTo(o+r,s.y),a.moveTo(s.x,n),a.lineTo(s.x,n+r),V(t,a,e.halo,4,e.text,1.5)}};function Li({unit:i,width:t,height:e},s){let o=s.squares.length,n=Q(s).length>2,r=o>1?i*1.3:i*.4,a=i*(n?2.6:1.9),h=i*(n?2.4:2.1),c=i*2.2,u=v=>Math.ceil(o/v),l=v=>Math.min((t-i*.5)/v-a,(e-c)/u(v)-r-h),d=[1,2,4].filter(v=>v<=o).reduce((v,T)=>l(T)>l(v)?T:v),[f,m]=[u(d),l(d)];if(m<10)return{squares:[]};let p=m+a,g=m+r+h,b=(t-d*p-i*.5)/2,y=Math.max(0,(e-c-f*g)/2);return{squares:Array.from({length:o},(v,T)=>({number:T,x:b+T%d*p+a,y:y+Math.floor(T/d)*g+r,side:m})),keyX:b+a,keyY:y+f*g+i*.2,keyWidth:d*p-a}}function _i(i,t,{keyX:e,keyY:s,keyWidth:o}){t.kind==="classes"?ve(i,t,e,s,o):pt(i,t,e,s,o)}var yt=class extends J{constructor(t,e){super(t,new xt,xe,e,"picture of the plane"),this.controls=new ft(()=>e.repaint()),this.box.append(this.controls.box)}click(t,e){!t||!e.accepts_points||this.drawing.enlarged||this.view.send("point",{x1:t.x1,x2:t.x2})}paint(t,e){this.drawing.enlarged=this.view.enlargedScene(t),this.controls.update(t);let s=t.accepts_points&&!this.drawing.enlarged;this.canvas.style.cursor=s?"crosshair":"",super.paint(t,e)}titleOf(t){return this.drawing.enlarged?.title??t.title}};function Ce(i){let t=i.series.map((n,r)=>{let{values:a}=i.arrays[`high${r}`];return a.length?`${n.name}: from ${E(a[0])} to ${E(n.last)}`:`${n.name}: nothing yet`}),e=i.arrays.steps0?.values,s=e?.length?` up to ${i.x_label} ${X(e.at(-1))}`:"",o=i.mark===null?"":` Step ${i.mark} is marked.`;return`${i.title}${s}. ${t.join("; ")||"Nothing yet"}.${o}`}function Pe({context:i,unit:t},{steps:e,low:s,high:o,color:n,dash:r},a,h){i.lineJoin="round",i.setLineDash([]),i.beginPath();let c=!1;for(let l=0;l<e.length;l++)i.lineTo(a(e[l]),h(o[l])),c||=o[l]>s[l];if(c){for(let l=e.length-1;l>=0;l--)i.lineTo(a(e[l]),h(s[l]));i.globalAlpha=.3,i.fillStyle=n,i.fill(),i.globalAlpha=1}i.beginPath();let u=!1;for(let l=0;l<e.length;l++){let d=(s[l]+o[l])/2;if(!Number.isFinite(d)){u=!1;continue}u?i.lineTo(a(e[l]),h(d)):i.moveTo(a(e[l]),h(d)),u=!0}i.strokeStyle=n,i.lineWidth=t*.16,i.setLineDash(r),i.stroke(),i.setLineDash([]),e.length===1&&(i.beginPath(),i.arc(a(e[0]),h(o[0]),t*.2,0,2*Math.PI),i.fillStyle=n,i.fill())}function Oe(i,t,e,s){let{context:o,unit:n}=i;i.setFont(.8);let r=e;for(let{name:a,color:h,dash:c}of t)o.strokeStyle=h,o.lineWidth=n*.18,o.setLineDash(c),o.beginPath(),o.moveTo(r,s),o.lineTo(r+n*2,s),o.stroke(),i.write(a,r+n*2.3,s,{align:"left"}),r+=n*3.2+o.measureText(a).width}function Le(i,t,e,s,o){let{context:n,theme:r,unit:a}=i;n.strokeStyle=r.faint,n.lineWidth=1,n.setLineDash([2,3]),n.beginPath();for(let{step:l}of t){let d=Math.round(o(Math.min(l,s.lastStep)))+.5;n.moveTo(d,e.y),n.lineTo(d,e.y+e.height)}n.stroke(),n.setLineDash([]);let h=t.at(-1);if(!h)return;i.setFont(.72);let c=o(Math.min(h.step,s.lastStep)),u=c>e.x+e.width/2;i.label(h.text,c+(u?-4:4),e.y+a*.6,{align:u?"right":"left",color:r.faint})}function _e(i,t,e,s){let{context:o,theme:n,unit:r}=i,a=e.y+e.height;o.setLineDash([]),o.strokeStyle=o.fillStyle=n.text,o.lineWidth=r*.12,o.beginPath(),o.moveTo(s,e.y-r*.1),o.lineTo(s,a),o.stroke(),o.beginPath(),o.arc(s,a,r*.32,0,2*Math.PI),o.fill(),i.setFont(.8,600);let h=s>e.x+e.width*.7;i.write(X(t),s+r*(h?-.3:.3),e.y+r*.3,{align:h?"right":"left",color:n.text})}var Ei="⁰¹²³⁴⁵⁶⁷⁸⁹";function Ee(i,t){let{low:e,high:s,lastStep:o}=Ni(i,t);if(i.y_range)return{low:i.y_range[0],high:i.y_range[1],lastStep:o};if(!Number.isFinite(e)||s<e)return i.log?{low:.001,high:1,lastStep:o}:{low:0,high:1,lastStep:o};if(i.log)return{low:10**(Math.floor(Math.log10(e)*2-1e-9)/2),high:10**(Math.ceil(Math.log10(s)*2+1e-9)/2),lastStep:o};let n=Math.min(0,e),r=Y(s-n||1,4),a=Math.floor(n/r)*r;return{low:a,high:Math.max(a+r,Math.ceil(s/r)*r),lastStep:o}}function Ni(i,t){let[e,s,o]=[1/0,-1/0,1];for(let{steps:n,low:r,high:a}of t)for(let h=0;h<n.length;h++)n[h]>o&&(o=n[h]),r[h]<e&&(!i.log||r[h]>0)&&(e=r[h]),a[h]>s&&Number.isFinite(a[h])&&(s=a[h]);return{low:e,high:s,lastStep:o}}function Ne(i,{low:t,high:e},s){return s?(Math.log10(Math.max(i,t))-Math.log10(t))/(Math.log10(e)-Math.log10(t)):(i-t)/(e-t)}function Fe({low:i,high:t},e,s){return(e?Ri(i,t,s/2):Fi(i,t,s/2.2)).filter(n=>n>=i*.999&&n<=t*1.001)}function Fi(i,t,e){let s=Y(t-i,Math.floor(e)),o=[];for(let n=i;n<=t+s/1e6;n+=s)o.push(n);return o}function Ri(i,t,e){let s=Math.ceil(Math.log10(i)-1e-6),o=Math.floor(Math.log10(t)+1e-6),n=Math.ceil((o-s+1)/e),r=[];for(let a=s;a<=o;a+=n)r.push(10**a);if(r.length>=2)return r;for(let a=s-1;a<=o;a++)for(let h of[2,5])r.push(h*10**a);return r}function Re(i,t){let e=Math.max(1,Y(i,t));e>i&&(e=Math.max(1,Y(i,t+1)));let s=[];for(let o=0;o<=i;o+=e)s.push(o);return s}function Ie(i,t){let e=Math.log10(Math.abs(i));if(t&&Math.abs(e-Math.round(e))<1e-6&&Math.abs(e)>3.5){let s=[...String(Math.abs(Math.round(e)))].map(o=>Ei[o]);return`10${e<0?"⁻":""}${s.join("")}`}return _(+i.toPrecision(6))}function De(i,t,e){i.forEach((s,o)=>{o>0&&(s.y=Math.max(s.y,i[o-1].y+t))});for(let s=i.length-1;s>=0;s--){let o=s===i.length-1?e:i[s+1].y-t;i[s].y=Math.min(i[s].y,o)}}var We=[[],[7,4],[2,3],[9,3,2,3],[4,2]],kt=class{draw(t,e){let{theme:s,unit:o,width:n,height:r}=t,a=Ii(e,s),h=o*3.2,c=o*3.6,u=o*.9+(a.length?o*1.4:0),l=o*2.4,d={x:h,y:u,width:n-h-c,height:r-u-l};if(d.width<20||d.height<20)return;let f=Ee(e,a),m=g=>d.x+g/f.lastStep*d.width,p=g=>{let b=Ne(g,f,e.log);return d.y+(1-Math.min(1.02,Math.max(-.02,b)))*d.height};Di(t,e,d,f,p),Bi(t,e,d,f,m);for(let g of a)Pe(t,g,m,p);qi(t,a,d,p),a.length&&Oe(t,a,d.x,o*.8),Le(t,e.marks??[],d,f,m),e.mark!==null&&e.mark<=f.lastStep&&_e(t,e.mark,d,m(e.mark))}};function Ii(i,t){return i.series.map((e,s)=>({...e,steps:i.arrays[`steps${s}`].values,low:i.arrays[`low${s}`].values,high:i.arrays[`high${s}`].values,ink:k(C(ot(e.color),t.ink,.3)),dash:We[s%We.length]}))}function Di(i,t,e,s,o){let{context:n,theme:r,unit:a}=i;n.setLineDash([]),n.lineWidth=1,n.strokeStyle=r.line,i.setFont(.75),n.beginPath();for(let h of Fe(s,t.log,e.height/a)){let c=Math.round(o(h))+.5;n.moveTo(e.x,c),n.lineTo(e.x+e.width,c),i.write(Ie(h,t.log),e.x-a*.4,c,{align:"right",color:r.faint})}n.moveTo(e.x+.5,e.y),n.lineTo(e.x+.5,e.y+e.height+1),n.stroke(),Wi(i,t,e)}function Wi(i,t,e){let{context:s,theme:o,unit:n,height:r}=i;s.save(),s.translate(n*.6,e.y+e.height/2),s.rotate(-Math.PI/2),i.setFont(.8);let h=(t.log?[", log scale"," (log)",""]:[""]).map(d=>t.y_label+d),c=r-e.y,u=h.find(d=>s.measureText(d).width<=c)??"",l=s.measureText(u).width/2;i.write(u,Math.min(0,e.height/2+e.y-l),0,{color:o.faint}),s.restore()}function Bi(i,t,e,{lastStep:s},o){let{context:n,theme:r,unit:a}=i,h=e.y+e.height,c=Math.max(2,Math.floor(e.width/(a*3.2))),u=Re(s,c);n.strokeStyle=r.line,n.lineWidth=1,n.beginPath();for(let d of u){let f=Math.round(o(d))+.5;n.moveTo(f,h),n.lineTo(f,h+a*.3)}n.moveTo(e.x+.5,h+.5),n.lineTo(e.x+e.width,h+.5),n.stroke();let l=r.faint;i.setFont(.75);for(let d of u)i.write(X(d),o(d),h+a*.85,{color:l});i.setFont(.8),i.write(t.x_label,e.x+e.width/2,h+a*1.8,{color:l})}function qi(i,t,e,s){let{unit:o,height:n}=i,r=t.filter(a=>a.last!==null&&a.steps.length).map(a=>({line:a,y:typeof a.last=="number"?s(a.last):e.y})).sort((a,h)=>a.y-h.y);De(r,o*1.1,n-o*.7),i.setFont(.8,600);for(let{line:a,y:h}of r)i.write(E(a.last),e.x+e.width+o*.35,h,{align:"left",color:a.ink})}var vt=class{constructor(){this.bitmaps=[]}arrange(t,e,s){let o=t.labels.length,n=s*1.2,r=Math.max(1,Math.min(o,Math.floor((e+n)/(s*11+n)))),a=(e+n)/r-n,h=Math.min(s*5,a*.42),c=h+s*1.8;return{across:r,cardWidth:a,side:h,gap:n,cardHeight:c,height:Math.ceil(o/r)*(c+n)-n+s*.4}}draw(t,e){let{unit:s,width:o}=t,{across:n,cardWidth:r,side:a,gap:h,cardHeight:c}=this.arrange(e,o,s);e.labels.forEach((u,l)=>{let d=l%n*(r+h),f=Math.floor(l/n)*(c+h),m=d+a+s*.6,p=Math.min(r-a-s*.6,s*10);this.drawImage(t,e.arrays.images,l,{x:d,y:f,side:a}),zi(t,e,l,{x:m,y:f,width:p,floor:f+a-s*1.1}),Hi(t,e,l,{x:d,y:f+a+s,restX:m})})}drawImage({context:t,theme:e},{values:s,shape:o},n,{x:r,y:a,side:h}){let[,c,u]=o,l=n*c*u,d=W(this.bitmaps,n);d.fill(u,c,!1,f=>e.gray[s[l+f]]),d.drawPixels(t,r,a,h,h),t.setLineDash([]),t.lineWidth=1,t.strokeStyle=e.line,t.strokeRect(r+.5,a+.5,h-1,h-1)}};function zi(i,t,e,{x:s,y:o,width:n,floor:r}){let{context:a,theme:h,unit:c}=i,{values:u}=t.arrays.outputs,l=t.classes.length,d=n/l;i.setFont(.72);let f=t.classes.every(m=>a.measureText(m).width<d);for(let m=0;m<l;m++){let p=Math.min(1,Math.max(0,u[e*l+m]||0)),g=s+m*d+d*.12,b=m===t.labels[e];a.fillStyle=k(h.neutral),a.fillRect(g,o,d*.76,r-o),a.fillStyle=m===t.answers[e]?k(h.positive):h.faint,a.fillRect(g,r,d*.76,p*(o-r)),b&&(a.strokeStyle=h.text,a.lineWidth=1.5,a.strokeRect(g,o,d*.76,r-o)),f&&i.write(t.classes[m],g+d*.38,r+c*.6,{color:b?h.text:h.faint})}}function Hi(i,t,e,{x:s,y:o,restX:n}){let{context:r,theme:a,unit:h}=i,{classes:c,answers:u,labels:l}=t,d=t.right[e],f=t.arrays.outputs.values[e*c.length+u[e]],m=`${d?"✓":"✗"} ${c[u[e]]}`,p=`${Math.round(100*f)} %${d?"":`, is ${c[l[e]]}`}`;i.setFont(.85,600),i.write(m,s,o,{align:"left",color:d?a.right:a.wrong});let g=Math.max(n,s+r.measureText(m).width+h*.6);i.setFont(.8),i.write(p,g,o,{align:"left",color:a.faint})}function Be(i){let t=i.right.filter(Boolean).length,e=i.labels.map((o,n)=>[o,i.answers[n]]).filter(([o,n])=>o!==n).slice(0,8).map(([o,n])=>`${i.classes[o]} taken for ${i.classes[n]}`),s=e.length?` Wrong: ${e.join(", ")}.`:"";return`${i.title}: ${t} of ${i.labels.length} right.${s}`}var Mt=class{constructor(){this.bitmaps=[]}arrange(t,e,s){let[o,n,r]=t.arrays.images.shape,a=s*.4,h=s*5,c=Math.max(1,Math.min(o,Math.floor((e+a)/(h+a)))),u=Math.min((e+a)/c-a,s*8),l=Math.ceil(o/c),d=u*n/r,f=s*2;return{across:c,side:u,tall:d,gap:a,height:l*(d+a)+f}}draw(t,e){let{context:s,theme:o,unit:n,width:r}=t,{images:a}=e.arrays,[h,c,u]=a.shape,{across:l,side:d,tall:f,gap:m}=this.arrange(e,r,n);for(let b=0;b<h;b++){let y=b%l*(d+m),x=Math.floor(b/l)*(f+m),v=b*c*u,T=W(this.bitmaps,b);T.fill(u,c,!1,A=>o.diverging[a.values[v+A]]),T.drawPixels(s,y,x,d,f)}let p=Math.ceil(h/l)*(f+m)+n*.2,g=Math.min(r,n*16);pt(t,{threshold:0,reach:e.reach},0,p,g)}};function qe(i){let[t,e,s]=i.arrays.images.shape;return`${i.title}. ${e} by ${s} weights of ${t} of ${i.total} units, blue positive, orange negative, from ${S(-i.reach)} to ${S(i.reach)}.`}var St=24;function ze(i,t){let{node:e,bias:s,link:o}=t;if(o)return`${et(i,t)} ${K(I(i,o))}`;if(s)return`${et(i,t)} ${K(D(i,s))}`;if(e.layer===0)return et(i,t);let n=D(i,e),r=n===null?"no bias":`bias ${K(n)}`;return`${et(i,t)} · ${i.activations[e.layer-1]}: ${r}`}function et(i,{node:t,bias:e,link:s}){if(s){let{layer:o,from:n,to:r}=s;return`${P(i,o,n)} → ${P(i,o+1,r)}: weight`}return e?`${P(i,e.layer,e.index)}: bias`:t.layer===0?`input ${i.input_names[t.index]}`:P(i,t.layer,t.index)}function He(i){let t=[];for(let s=0;s+1<i.sizes.length&&!(t.length>=St);s++)t.push(...Ui(i,s));let e=[`Network ${i.sizes.join("-")}.`,...t.slice(0,St)];return t.length>=St&&e.push("And so on."),e.join(" ")}function Ui(i,t){let e=[],[s,o]=i.arrays[`weight${t}`].shape;for(let r=0;r<s&&e.length<St;r++)for(let a=0;a<o;a++){let h=`${P(i,t,r)} to ${P(i,t+1,a)}`;e.push(`Weight ${h}: ${S(I(i,{layer:t,from:r,to:a}))}.`)}let n=i.arrays[`bias${t}`]?.values??[];for(let[r,a]of n.entries())e.push(`Bias of ${P(i,t+1,r)}: ${S(a)}.`);return e}function Jt(i,t){return t*(.06+.38*(1-Math.exp(-Math.abs(i)/4)))}function Qt({x1:i,y1:t,x2:e,y2:s},o,n){let[r,a]=[e-i,s-t],h=((o-i)*r+(n-t)*a)/(r*r+a*a),c=Math.min(1,Math.max(0,h));return Math.hypot(o-i-c*r,n-t-c*a)}function Ue(i,t){let{unit:e,context:s}=i;i.setFont(.8);let o=s.measureText("−00.00").width+4,n=e*1.05,r=(a,h,c,u)=>{let l=Math.abs(u-.5);for(let d of t){if(d===a)continue;let f=1-Qt(d,h,c)/(n*.9);if(f>0&&(l+=4*f),d.labelX===void 0)continue;let m=1-Math.abs(d.labelX-h)/(o*1.15),p=1-Math.abs(d.labelY-c)/(n*1.6);m>0&&p>0&&(l+=40*m*p)}return l};for(let a=0;a<3;a++)for(let h of t){let c=1/0,u=null;for(let l=.2;l<.81;l+=.04){let d=h.x1+l*(h.x2-h.x1),f=h.y1+l*(h.y2-h.y1),m=r(h,d,f,l);m<c&&([c,u]=[m,{x:d,y:f}])}h.labelX=u.x,h.labelY=u.y}}function je(i,t,e){let{context:s,unit:o,width:n}=i,r=t.sizes.length-1,a=t.sizes[0]===1?"input":"inputs",h=t.activations[0],c=t.activations[r-1],u=(m,p)=>[{text:m,x:e(0)},...t.activations.map((g,b)=>({text:p(b+1)+g,x:e(b+1)}))],l=(m,p)=>[{text:a,x:e(0)},{text:m,x:(e(1)+e(r-1))/2,from:e(1),to:e(r-1)},{text:p,x:e(r)}],d=[u(a,m=>m===r?"output: ":"hidden: "),u(a,()=>"")];r>2&&d.push(l(`${r-1} hidden layers: ${h}`,`output: ${c}`),l(`${r-1} hidden layers: ${h}`,c),l(`${r-1} × ${h}`,c)),d.push(u("",()=>"")),i.setFont(.78);let f=o*.7;for(let m of d){let p=-f,g=!0;for(let b of m){let y=s.measureText(b.text).width/2;b.x=Math.min(n-y-2,Math.max(y+2,b.x)),b.y=o*.7,g&&=b.x-y>=p+f,p=b.x+y}if(g)return m}return d.at(-1).slice(-1)}var ji=20;function Ke(i,t){let e=Yi(i,t),s=t.drawn[0]===0?Ki(e[0],i.unit):null,o=[],n=[];e.forEach((h,c)=>{if(c===0&&s)return;o.push(...Xi(i,t,h,c));let u=t.sizes[c]-h.shown,l=h.start+h.shown*h.pitch;u>0&&n.push({text:`+ ${u} more`,x:h.x,y:l})});let r=Gi(o,e.length),a=r.length>0&&r.length<=ji;return a&&Ue(i,r),s&&(s.targets=o.filter(h=>h.layer===1)),{nodes:o,links:r,more:n,block:s,printed:a,thinning:r.length>100?.55:r.length>40?.75:1,captions:je(i,t,h=>e[h].x)}}function Yi(i,t){let{unit:e,width:s,height:o}=i,n=t.sizes.length-1,r=e*1.9,a=o-e*.3,h=a-r,c=e*1.95,u=Math.max(10,e*.85),l=Math.max(2,Math.floor(h/u)),d=(s-e*4)/Math.max(1,n),f=t.input_scales.length>0,m=e*(t.response_scales.length?2.8:1.4),p=t.sizes.map((A,O)=>{let B=t.drawn[O],R=A<=Math.min(B,l)?A:Math.min(B,l-1),L=Math.max(1,R+(A>R?1:0)),U=h/L,it=U>=c&&(O===n||d>=e*3.4),nt=U<e*3,ei=it?Math.max(e*.9,U-e*(nt?.75:1.2)):U*.86,ii=O===0?Math.min(m,e*(f?1.6:1.2)):m,te=Math.min(ii,Math.max(e*.45,d*.2),ei/2),ee=Math.min(U,Math.max(e*7,3.1*te)),si=O>0&&it?e*.4:0,oi=r+h/2-ee*(L-1)/2-si;return{shown:R,half:te,pitch:ee,start:oi,hasBiasRoom:it,isTight:nt,top:r,bottom:a}});i.setFont(.9,600);let g=Ye(i,t.input_names),b=Ye(i,t.output_names),y=p[0].half,x=!f&&y>e*.7&&g<y*1.6,v=e*.4+y+(x?0:g+e*.4),T=s-e*.6-p[n].half-(b+e*.4);return p.forEach((A,O)=>{A.x=v+(T-v)*O/Math.max(1,n),A.isNameInside=O===0&&x}),p}function Ye(i,t){return Math.max(0,...t.map(e=>i.context.measureText(e).width))}function Ki({x:i,top:t,bottom:e,half:s},o){return{x:i,top:t+o,bottom:e-o,half:s}}function Xi({unit:i},t,e,s){let{shown:o,half:n,pitch:r,start:a,x:h,isNameInside:c,isTight:u,hasBiasRoom:l}=e,d={0:t.input_names,[t.sizes.length-1]:t.output_names}[s];return Array.from({length:o},(f,m)=>{let p=a+m*r;return{layer:s,index:m,x:h,y:p,half:n,isTight:u,name:d?.[m]??"",nameSize:Math.min(.9,r/i*.85),nameX:c?h:s===0?h-n-i*.35:h+n+i*.4,nameY:p,nameAlign:c?"center":s===0?"right":"left",biasSize:l?r<i*2.4?.66:.78:0}})}function Gi(i,t){let e=Array.from({length:t},(s,o)=>i.filter(n=>n.layer===o));return e.slice(1).flatMap((s,o)=>e[o].flatMap(n=>s.map(r=>({layer:o,from:n.index,to:r.index,x1:n.x+n.half,y1:n.y,x2:r.x-r.half,y2:r.y}))))}var Vi=10,Tt=class{constructor(){this.layout=null,this.pointer=null,this.cursor=null,this.hasFocus=!1,this.pinned=null}nodeAt(t,e){return this.layout?.nodes.find(s=>s.layer===t&&s.index===e)??null}selected(){return this.layout?this.pointer?this.targetAt(this.pointer.x,this.pointer.y):this.hasFocus?this.underCursor():null:null}targetAt(t,e){if(!this.layout)return null;let{nodes:s}=this.layout,o=s.find(({biasBox:r})=>r&&Math.abs(r.x-t)<=r.halfWidth+2&&Math.abs(r.y-e)<=r.halfHeight+2);if(o)return{bias:o};let n=s.find(r=>Math.abs(r.x-t)<=r.half+3&&Math.abs(r.y-e)<=r.half+3);return n?{node:n}:this.linkAt(t,e)}linkAt(t,e){let{links:s,printed:o}=this.layout,[n,r]=[null,Vi];for(let a of s){let c=o&&Math.abs(a.labelX-t)<22&&Math.abs(a.labelY-e)<9?0:Qt(a,t,e);c<r&&([n,r]=[a,c])}return n&&{link:n}}underCursor(){let{cursor:t}=this;if(!t)return null;if(t.kind==="link"){let s=this.layout.links.find(o=>o.layer===t.layer&&o.from===t.from&&o.to===t.to);return s?{link:s}:null}let e=this.nodeAt(t.layer,t.index);return e&&(t.kind==="bias"?{bias:e}:{node:e})}placeOf({node:t,bias:e,link:s}){return t?{x:t.x+t.half,y:t.y}:e?{x:e.biasBox?.x??e.x,y:e.biasBox?.y??e.y}:{x:s.labelX??(s.x1+s.x2)/2,y:s.labelY??(s.y1+s.y2)/2}}tooltipPlace(){if(this.pointer)return this.pointer;let t=this.layout&&this.hasFocus&&this.underCursor();return t?this.placeOf(t):null}tooltipText(t){let e=this.selected();return e?ze(t,e):""}enlargedNode(t){let s=this.selected()?.node??(this.pinned&&this.nodeAt(this.pinned.layer,this.pinned.index));return s&&z(t,s)?s:null}isPinned({layer:t,index:e}){return this.pinned?.layer===t&&this.pinned?.index===e}togglePin({layer:t,index:e}){this.pinned=this.isPinned({layer:t,index:e})?null:{layer:t,index:e}}escape(){let t=!!(this.pinned||this.cursor);return this.pinned?this.pinned=null:this.cursor=null,t}startCursor(){if(!this.layout?.nodes.length||this.underCursor())return;let[{layer:t,index:e}]=this.layout.nodes;this.cursor={kind:"node",layer:t,index:e}}moveCursor(t,e){if(!this.layout?.nodes.length||!/^Arrow(Left|Right|Up|Down)$/.test(t))return!1;this.pointer=null,this.startCursor();let s=this.underCursor(),o=t==="ArrowLeft"||t==="ArrowRight",n=t==="ArrowUp"||t==="ArrowLeft"?-1:1;if(s.link)this.cursor=o?Ji(s.link,n):this.nextLink(s.link,n);else{let r=s.node??s.bias;this.cursor=o?this.firstLinkOf(r,n):this.nextInColumn(e,r,n)}return!0}nextLink(t,e){let{cameFrom:s}=this.cursor,o=this.layout.links.filter(h=>h.layer===t.layer&&(s==="target"?h.to===t.to:h.from===t.from)),{layer:n,from:r,to:a}=Xe(o,o.indexOf(t),e);return{kind:"link",layer:n,from:r,to:a,cameFrom:s}}firstLinkOf(t,e){let s=this.layout.links.find(({layer:a,from:h,to:c})=>e>0?a===t.layer&&h===t.index:a===t.layer-1&&c===t.index);if(!s)return this.cursor;let{layer:o,from:n,to:r}=s;return{kind:"link",layer:o,from:n,to:r,cameFrom:e>0?"source":"target"}}nextInColumn(t,e,s){let o=this.layout.nodes.filter(r=>r.layer===e.layer).flatMap(r=>{let{layer:a,index:h}=r;return(D(t,r)!==null?["node","bias"]:["node"]).map(u=>({kind:u,layer:a,index:h}))}),n=o.findIndex(r=>r.kind===this.cursor.kind&&r.index===this.cursor.index);return Xe(o,n,s)}};function Ji({layer:i,from:t,to:e},s){return s<0?{kind:"node",layer:i,index:t}:{kind:"node",layer:i+1,index:e}}function Xe(i,t,e){return i[Math.min(i.length-1,Math.max(0,t+e))]}function Ge(i,t,e){return t.biasSize>0?Qi(i,t,e):Zi(i,t,e)}function Qi(i,{x:t,y:e,half:s,isTight:o,biasSize:n},r){let a=`b ${S(r)}`,h=e+s+(o?1:n*i.unit*.72+2);i.setFont(n),i.plate(a,t,h);let c=i.context.measureText(a).width/2+2;return{x:t,y:h,halfWidth:c,halfHeight:n*i.unit*.6}}function Zi({context:i,theme:t},e,s){let o=Math.min(6,Math.max(4,e.half*.5)),[n,r]=[e.x-e.half,e.y+e.half-o];return i.fillStyle=Number.isFinite(s)?k(s<0?t.negative:t.positive):t.wrong,i.strokeStyle=t.background,i.lineWidth=1,i.beginPath(),i.rect(n-o,r-o,2*o,2*o),i.fill(),i.stroke(),i.beginPath(),i.moveTo(n-o*.6,r),i.lineTo(n+o*.6,r),s>=0&&(i.moveTo(n,r-o*.6),i.lineTo(n,r+o*.6)),i.strokeStyle=t.dark?"#000":"#fff",i.lineWidth=1.6,i.stroke(),{x:n,y:r,halfWidth:o,halfHeight:o}}function Ve({context:i,theme:t,unit:e},{from:s,to:o,y:n}){let[r,a]=[n+e*.65,n+e*.9];i.strokeStyle=t.line,i.lineWidth=1,i.beginPath(),i.moveTo(s,a),i.lineTo(s,r),i.lineTo(o,r),i.lineTo(o,a),i.stroke()}var ts={sigmoid:[[-1,-.8],[-.5,-.7],[-.2,-.35],[.2,.35],[.5,.7],[1,.8]],tanh:[[-1,-.9],[-.3,-.8],[.3,.8],[1,.9]],ReLU:[[-1,-.5],[0,-.5],[1,.8]],"leaky ReLU":[[-1,-.75],[0,-.4],[1,.8]],identity:[[-.8,-.8],[.8,.8]],step:[[-1,-.7],[0,-.7],[0,.7],[1,.7]]};function Je(i,t,e,s,o){if(i.beginPath(),t==="softmax")for(let[n,r]of[[-.7,.5],[0,1.6],[.7,.9]])i.moveTo(e+n*o,s+.8*o),i.lineTo(e+n*o,s+(.8-r)*o);for(let[n,r]of ts[t]??[])i.lineTo(e+n*o,s-r*o);i.lineJoin="round",i.stroke()}function Qe(i,t,e){let{context:s,theme:o,unit:n}=i,{x:r,top:a,bottom:h,half:c}=e,u=t.image_shape;s.strokeStyle=o.line,s.lineWidth=1;for(let d of e.targets)for(let f of[a,h])s.beginPath(),s.moveTo(r+c,f),s.lineTo(d.x-d.half,d.y),s.stroke();s.beginPath(),s.roundRect(r-c,a,2*c,h-a,n*.5),s.fillStyle=k(o.neutral),s.fill(),s.strokeStyle=o.text,s.lineWidth=Math.max(1.25,n*.1),s.stroke(),s.save(),s.translate(r,(a+h)/2),s.rotate(-Math.PI/2),i.setFont(.9,600);let l=u?`${u[0]} × ${u[1]} pixels`:`${t.sizes[0]} inputs`;i.label(l,0,0),s.restore()}var $t=class{constructor(){this.bitmaps=[],this.layoutKey="",this.layout=null,this.selection=new Tt}draw(t,e){this.updateLayout(t,e);let{nodes:s,links:o,captions:n,more:r,block:a,printed:h}=this.layout;for(let c of o)this.drawLink(t,e,c);if(t.context.setLineDash([]),a&&Qe(t,e,a),h)for(let c of o)Ze(t,e,c);for(let c of s)this.drawNode(t,e,c);t.setFont(.78);for(let c of[...n,...r])t.label(c.text,c.x,c.y,{color:t.theme.faint}),c.from!==void 0&&Ve(t,c);this.drawSelection(t,e)}updateLayout(t,e){let s=[e.sizes,e.drawn,e.activations,e.input_names,e.output_names,e.image_shape,e.response_scales.length,e.input_scales.length,t.width,t.height,t.unit,t.theme.font].join("|");s!==this.layoutKey&&(this.layoutKey=s,this.layout=this.selection.layout=Ke(t,e))}drawLink({context:t,theme:e,unit:s},o,n){let r=I(o,n),a=!Number.isFinite(r),h=a?1:1-Math.exp(-Math.abs(r)/3),c=a?2:Jt(r,s)*this.layout.thinning;t.lineWidth=c,t.strokeStyle=a?e.wrong:k(r<0?e.negative:e.positive,.25+.75*h),t.setLineDash(a?[1,4]:r<0?[2.5+2*c,2.5+c]:[]),t.beginPath(),t.moveTo(n.x1,n.y1),t.lineTo(n.x2,n.y2),t.stroke()}drawNode(t,e,s){let{context:o,theme:n,unit:r}=t,{x:a,y:h,half:c,layer:u}=s,l=z(e,s),d=l?Math.min(c*.35,r*.5):c;o.setLineDash([]),o.beginPath(),o.roundRect(a-c,h-c,2*c,2*c,d),l?this.drawResponse(t,s,l):(o.fillStyle=k(n.neutral),o.fill()),o.lineWidth=Math.max(1.25,Math.min(r*.1,c*.2)),o.strokeStyle=n.text,o.stroke(),!l&&u>0&&c>r*.4&&Je(o,e.activations[u-1],a,h,c*.55),s.name&&(t.setFont(s.nameSize,600),t.label(s.name,s.nameX,s.nameY,{align:s.nameAlign}));let f=D(e,s);f!==null&&(s.biasBox=Ge(t,s,f))}drawResponse({context:t,theme:e},{x:s,y:o,half:n,layer:r,index:a},h){let[,c,u]=h.shape,l=W(this.bitmaps,`${r},${a}`),d=a*c*u;l.fill(u,c,!0,f=>e.diverging[h.values[d+f]]),t.save(),t.clip(),l.drawSamples(t,s-n,o-n,2*n,2*n),t.restore()}drawSelection(t,e){let{context:s,theme:o,unit:n}=t,{pinned:r}=this.selection,a=r&&this.selection.nodeAt(r.layer,r.index);s.setLineDash([]),a&&(s.strokeStyle=o.right,ti(s,a,4));let h=this.selection.selected();if(h)if(s.strokeStyle=o.text,h.node)ti(s,h.node,3);else if(h.bias)es(s,h.bias.biasBox);else{let{x1:c,y1:u,x2:l,y2:d}=h.link;s.beginPath(),s.moveTo(c,u),s.lineTo(l,d),s.lineWidth=Jt(I(e,h.link),n)+3,s.stroke(),this.drawLink(t,e,h.link),s.setLineDash([]),this.layout.printed&&Ze(t,e,h.link)}}};function Ze(i,t,e){i.setFont(.8,600),i.plate(S(I(t,e)),e.labelX,e.labelY)}function ti(i,{x:t,y:e,half:s},o){let n=s+o;i.lineWidth=o,i.beginPath(),i.roundRect(t-n,e-n,2*n,2*n,s*.4),i.stroke()}function es(i,{x:t,y:e,halfWidth:s,halfHeight:o}){i.lineWidth=2,i.beginPath(),i.roundRect(t-s-2,e-o-2,2*s+4,2*o+4,4),i.stroke()}function Zt(i){let t=i.trim().replaceAll("−","-").replace(",",".");if(t==="")return{problem:"Type a number, such as −0.5."};let e=Number(t);return Number.isNaN(e)?{problem:`“${i.trim()}” is no number. Type one such as −0.5.`}:Math.abs(e)>1e6?{problem:"Type a number from −1,000,000 to 1,000,000: larger ones overflow."}:{value:e}}var is=.1,At=class{constructor(t){this.box=t,this.name=w("span","edited"),this.input=w("input"),this.input.type="text",this.input.inputMode="decimal",this.input.autocomplete="off",this.input.spellcheck=!1,this.accept=w("button","accept","Set"),this.accept.type="submit",this.problem=w("span","problem"),this.problem.setAttribute("role","alert");let e=w("label","",this.name,this.input);this.form=w("form","editor",e,this.accept,this.problem),this.form.noValidate=!0,this.form.hidden=!0,this.form.onsubmit=s=>{s.preventDefault(),this.commit()};for(let s of["keydown","keypress","keyup"])this.form.addEventListener(s,o=>{o.stopPropagation(),s==="keydown"&&this.press(o)});this.form.onfocusout=s=>{s.relatedTarget&&!this.form.contains(s.relatedTarget)&&this.close(!1)},t.append(this.form)}get isOpen(){return!this.form.hidden}open({name:t,value:e,x:s,y:o,width:n,height:r,refusal:a,onCommit:h,onClose:c}){this.onCommit=h,this.onClose=c,this.name.textContent=t,this.input.value=Number.isFinite(e)?String(+e.toPrecision(9)):"",this.input.hidden=this.accept.hidden=!!a,this.problem.textContent=a??"",this.form.hidden=!1;let{offsetWidth:u,offsetHeight:l}=this.form;this.form.style.left=`${Math.max(0,Math.min(n-u,s-u/2))}px`;let d=o+12,f=d+l<=r?d:o-12-l;this.form.style.top=`${Math.max(0,Math.min(r-l,f))}px`,a?(this.form.tabIndex=-1,this.form.focus({preventScroll:!0})):(this.input.focus({preventScroll:!0}),this.input.select())}press(t){t.key==="Escape"&&this.close(!0);let e={ArrowUp:1,ArrowDown:-1}[t.key],{value:s}=Zt(this.input.value);if(!e||s===void 0||this.input.hidden)return;t.preventDefault();let o=s+e*is*(t.shiftKey?10:1);this.input.value=String(+o.toPrecision(9))}commit(){if(this.input.hidden)return this.close(!0);let{value:t,problem:e}=Zt(this.input.value);return this.problem.textContent=e??"",this.input.setAttribute("aria-invalid",String(!!e)),e?this.input.focus({preventScroll:!0}):(this.close(!0),this.onCommit(t))}close(t){this.isOpen&&(this.form.hidden=!0,this.input.removeAttribute("aria-invalid"),this.onClose(t))}};var Ct=class extends J{constructor(t,e){super(t,new $t,He,e,"network diagram"),this.editor=new At(this.canvasBox),this.lastEdit=0,this.box.prepend(w("div","title-row",this.title,ss(e.networkTables.box))),this.box.append(os())}onPointerDown(){this.editor.close(!1)}get keepsFocus(){return this.editor.isOpen}click(t,e){t?.link||t?.bias?this.edit(t,e):t?z(e,t.node)&&this.selection.togglePin(t.node):this.selection.pinned=null}edit(t,e){if(!e.is_editable)return;let{link:s,bias:o}=t,n=s?{layer:s.layer,source:s.from,target:s.to}:{layer:o.layer-1,source:null,target:o.index};this.editor.open({name:et(e,t),value:s?I(e,s):D(e,o),...this.selection.placeOf(t),width:this.surface.width,height:this.surface.height,refusal:e.refusal,onCommit:r=>{this.lastEdit=Math.max(Date.now(),this.lastEdit+1),this.view.send("edit",{...n,value:r,number:this.lastEdit})},onClose:r=>{this.selection.hasFocus=r,r&&this.canvas.focus({preventScroll:!0}),this.view.repaintSoon()}})}afterDrawing(t){super.afterDrawing(t);let e=this.selection.pointer&&this.selection.selected(),s=e&&(e.node||t.is_editable);this.canvas.style.cursor=s?"pointer":""}updateDescription(t){super.updateDescription(t),this.view.networkTables.draw(t)}};function ss(i){let t=w("button","reading-toggle","Read as text");t.type="button",t.setAttribute("aria-controls",i.id);let e=s=>{i.hidden=!s,t.setAttribute("aria-expanded",String(s)),M(t,s?"Hide the text":"Read as text")};return t.onclick=()=>{e(i.hidden),i.hidden||i.scrollIntoView({block:"nearest"})},e(!1),t}function os(){let i=(t,e)=>w("span","entry",w("span",t),e);return w("p","legend",i("sample positive","positive"),i("sample negative","negative"),i("sample thick","thicker: larger"),i("word","b: bias"))}var ns=["network","boundary","curve"],rs=1300,as={network:(i,t)=>new Ct(i,t),boundary:(i,t)=>new yt(i,t),curve:i=>new H(i,new kt,Ce),pictures:i=>new H(i,new Mt,qe),examples:i=>new H(i,new vt,Be),table:i=>new dt(i)},Pt=class{constructor(t){this.view=t,this.top=w("div","stage"),this.below=w("div","below"),this.boxes=new Map,this.structure=null}arrange(t){let e=t.map(n=>`${n.name}:${n.type}:${zt(n)}`).join("|");if(e===this.structure)return!1;this.structure=e;let s=this.boxes;for(let{box:n}of s.values())n.remove();this.boxes=new Map;let o=w("div","curves");for(let n of t){let r=s.get(n.name),a=r?.type===n.type?r:as[n.type](n,this.view);this.boxes.set(n.name,a),n.type==="curve"?o.append(a.box):ns.includes(n.type)?this.top.append(a.box):this.below.append(a.box)}return this.top.querySelector(".curves")?.remove(),o.childElementCount&&this.top.append(o),this.top.dataset.columns=this.top.childElementCount,this.top.classList.toggle("with-network",t.some(({type:n})=>n==="network")),!0}measure(t,e,s){this.placeTables(t,s);for(let o of t)this.boxes.get(o.name)?.measure(o,e)}placeTables(t,e){let s=this.top.querySelector(".curves");for(let o of t){let n=this.boxes.get(o.name);if(n?.type!=="table")continue;let r=!!s&&e>=rs&&zt(o),a=r?s:this.below;n.box.classList.toggle("beside",r),n.box.parentElement!==a&&a.append(n.box)}}paint(t,e){this.boxes.get(t.name).paint(t,e)}};var hs=5e3,cs={idle:"○",queued:"…",loading:"◌",running:"▶",paused:"❚❚",finished:"✓",failed:"✗",stopped:"■"},Ot=class{constructor(){this.symbol=w("span","state"),this.message=w("span","message"),this.visible=w("p","status",this.symbol,this.message),this.visible.ariaHidden="true",this.announced=w("p","announced"),this.announced.setAttribute("role","status"),this.announced.setAttribute("aria-live","polite"),this.announcedAt=-1/0,this.state=""}paint({state:t,text:e},s,o){M(this.symbol,`${cs[t]??""} ${t}`),M(this.message,e);let n=this.state!==t;this.state=t,(n||!s||o-this.announcedAt>hs)&&(this.announcedAt=o,M(this.announced,`${t}. ${e}`))}};var ls=6,Lt=class{constructor(){this.root=w("dl","tiles"),this.structure=null,this.boxes=new Map}paint(t){let e=t.map(s=>s.key).join("|");e!==this.structure&&(this.structure=e,this.build(t));for(let s of t){let{box:o,label:n,value:r,unit:a}=this.boxes.get(s.key);M(n,s.label),M(r,s.value),M(a,s.unit?` ${s.unit}`:""),a.classList.toggle("brief",(s.unit??"").length<3),o.title!==(s.help??"")&&(o.title=s.help??"")}}build(t){this.root.hidden=t.length===0,this.root.classList.toggle("many",t.length>ls),this.boxes=new Map(t.map(({key:e})=>[e,us(e)])),this.root.replaceChildren(...[...this.boxes.values()].map(({box:e})=>e))}};function us(i){let[t,e,s]=[w("dt"),w("span","value"),w("span","unit")],o=w("div","tile",t,w("dd","",e,s));return o.dataset.tile=i,{box:o,label:t,value:e,unit:s}}var ds=1e3,ms=2e3,_t=class extends HTMLElement{connectedCallback(){this.root||this.build(),this.sizeObserver.observe(this.root),this.frame&&this.requests.schedule()}disconnectedCallback(){this.requests.close(),this.sizeObserver.disconnect()}build(){this.requests=new ht(this,t=>this.receive(t)),this.tiles=new Lt,this.status=new Ot,this.networkTables=new ct(fs()),this.grid=new Pt(this),this.root=w("div","view",this.tiles.root,this.status.visible,this.status.announced,this.grid.top,this.grid.below,this.networkTables.box),this.append(w("style","",ce),this.root),this.describedAt=-1/0,this.paints=[],this.sizeObserver=new ResizeObserver(()=>this.measure())}show(t,e){let s=Et(t),o=this.frame;if(this.around=s.around,this.send=e,this.requests.askForScriptRun=r=>e("tick",r),o&&s.address&&s.address===o.address&&s.seq<o.seq){o.around!==this.around&&this.requests.askForScriptRun(o.seq);return}let n=s.seq!==o?.seq||s.moving!==o?.moving;this.frame=s,this.paint(),(n||!this.requests.isWaiting)&&this.requests.schedule()}receive(t){let e=Et(t);e.seq<this.frame.seq||(this.frame=e,this.paint(),e.around!==this.around?this.requests.waitForScriptRun():this.requests.schedule())}panelNamed(t){return this.frame.panels.find(e=>e.name===t)}paint(){if(!this.frame||!this.root)return;let t=performance.now(),{moving:e,status:s,tiles:o,panels:n}=this.frame;this.theme=re(this.root),this.root.classList.toggle("dark",this.theme.dark),this.grid.arrange(n)&&this.measure(),this.tiles.paint(o),this.status.paint(s,e,t),this.root.dataset.state!==s.state&&(this.root.dataset.state=s.state);let a=!e||s.state!=="running"||t-this.describedAt>=ds;a&&(this.describedAt=t);for(let h of n)this.paintPanel(h,a);this.countFrames(t)}paintPanel(t,e){let{theme:s,unit:o}=this;this.grid.paint(t,{theme:s,unit:o,isDescribed:e,isAtRest:!this.frame.moving})}repaint(){if(!(!this.frame||!this.theme))for(let t of this.frame.panels)(t.type==="network"||t.type==="boundary")&&this.paintPanel(t,!1)}repaintSoon(){this.repaintRequest||=requestAnimationFrame(()=>{this.repaintRequest=0,this.repaint()})}measure(){let t=this.frame?.panels??[];if(this.unit=parseFloat(getComputedStyle(this.root).fontSize),this.grid.measure(t,this.unit,this.root.clientWidth),this.theme)for(let e of t)this.paintPanel(e,!1)}enlargedScene(t){for(let e of this.frame.panels){if(e.type!=="network"||!e.square)continue;let{selection:s}=this.grid.boxes.get(e.name),o=s.enlargedNode(e);if(!o)continue;let n=ae(e,o,t);return s.isPinned(o)?{...n,title:`${n.title} · pinned`}:n}return null}countFrames(t){let e=performance.now();this.paints=this.paints.filter(o=>o>e-ms),this.paints.push(e),this.root.dataset.seq=this.frame.seq,this.root.dataset.paintMs=(e-t).toFixed(2);let s=e-this.paints[0];s>500&&(this.root.dataset.framesPerSecond=(1e3*(this.paints.length-1)/s).toFixed(1))}};function fs(){let i=w("section","reading");return i.hidden=!0,i.id=`reading-${Math.random().toString(36).slice(2)}`,i.ariaLabel="The network as text",i}function $r({data:i}){ie(i.element,_t)}export{$r as default};
