// Bundled from ui/components/draw_pad/draw_pad.js by npm run bundle. Edit the sources instead.
function z(n,t){customElements.get(n)||customElements.define(n,t)}var G=["#d55e00","#0072b2","#009e73","#cc79a7","#e69f00","#56b4e9","#7b6d3a","#7a52c7","#6b6b6b","#a0b000"];function w(n,t,e){return n.map((i,s)=>Math.round(i+(t[s]-i)*e))}function p(n,t=1){return`rgba(${n[0]},${n[1]},${n[2]},${t})`}function V([n,t,e]){return .3*n+.59*t+.11*e}function q(n){return Y(256,n)}function K(n,t){return Y(41,e=>w(n,t,.12+.58*e/40))}function Y(n,t){let e=new Uint32Array(n),i=new Uint8Array(e.buffer);for(let s=0;s<n;s++)i.set([...t(s),255],4*s);return e}function a(n,t="",...e){let i=document.createElement(n);return t&&(i.className=t),i.append(...e),i}function l(n,t){n.shownText!==t&&(n.shownText=t,n.textContent=t)}function H(n){let t=n.slice().buffer,e=new DataView(t).getUint32(0,!0),i=JSON.parse(new TextDecoder().decode(new Uint8Array(t,4,e))),s=4+Math.ceil(e/4)*4,o=i.panels.map(r=>({...r,arrays:{}})),h=new Map(o.map(r=>[r.name,r]));for(let[r,{dtype:c,shape:d,offset:g}]of Object.entries(i.arrays)){let f=r.lastIndexOf("/"),m=et(t,c,s+g,tt(d));h.get(r.slice(0,f)).arrays[r.slice(f+1)]={values:m,shape:d}}return{...i,panels:o}}function tt(n){return n.reduce((t,e)=>t*e,1)}function et(n,t,e,i){return t==="uint8"?new Uint8Array(n,e,i):t==="float32"?new Float32Array(n,e,i):new Float64Array(n.slice(e,e+8*i))}var E=null;function _(n){E??=document.createElement("canvas").getContext("2d"),E.fillStyle="#000",E.fillStyle=n;let t=E.fillStyle;return t.startsWith("#")?[1,3,5].map(e=>parseInt(t.slice(e,e+2),16)):t.match(/[\d.]+/g).slice(0,3).map(Number)}var N={key:""};function B(n){let t=getComputedStyle(n),e=t.getPropertyValue("--st-background-color")||"#ffffff",i=t.getPropertyValue("--st-text-color")||"#31333f",s=t.fontFamily,o=`${e}|${i}|${s}`;return o!==N.key&&(N={key:o,font:s,...st(_(e),_(i))}),N}function st(n,t){let e=V(n)<128,i=e?[78,168,245]:[0,104,183],s=e?[250,150,50]:[222,98,0],o=e?w(n,t,.1):[246,246,246],h=G.map(_);return{dark:e,ground:n,ink:t,positive:i,negative:s,neutral:o,text:p(t),faint:p(w(n,t,.66)),line:p(w(n,t,.2)),background:p(n),halo:p(n,.85),plate:p(n,.92),wrong:e?"#ff6b9d":"#c2004e",right:e?"#4fd1a5":"#00795a",diverging:q(r=>w(o,r<127?s:i,Math.min(1,Math.abs(r-127)/127))),gray:q(r=>w(n,t,r/255)),classes:h.map(r=>e?w(r,[255,255,255],.2):r),regions:h.map(r=>K(o,r))}}function k(n){return Number.isFinite(n)?n>0&&n<.001?"< 0.1 %":`${(100*n).toFixed(1)} %`:"–"}function j(n){return Number.isFinite(n)?`${n<0?"−":"+"}${Math.abs(n).toPrecision(3)}`:"–"}function X({is_empty:n,names:t,ranking:e,probabilities:i}){if(n)return"The square is empty.";let[s,o]=e;return`First guess ${t[s]}, ${k(i[s])}; second ${t[o]}, ${k(i[o])}.`}var A=class{constructor(){this.canvas=document.createElement("canvas")}fill(t,e,i,s){(this.canvas.width!==t||this.canvas.height!==e||!this.image)&&(this.canvas.width=t,this.canvas.height=e,this.context=this.canvas.getContext("2d"),this.image=this.context.createImageData(t,e),this.pixels=new Uint32Array(this.image.data.buffer));for(let o=0;o<e;o++){let h=(i?e-1-o:o)*t;for(let r=0;r<t;r++)this.pixels[h+r]=s(o*t+r)}this.context.putImageData(this.image,0,0)}drawSamples(t,e,i,s,o){let h=this.canvas.width,r=this.canvas.height,c=h>1?.5:0,d=r>1?.5:0;t.imageSmoothingEnabled=!0,t.imageSmoothingQuality="medium",t.drawImage(this.canvas,c,d,h-2*c,r-2*d,e,i,s,o)}drawPixels(t,e,i,s,o){t.imageSmoothingEnabled=!1,t.drawImage(this.canvas,e,i,s,o)}};function O(n){let t=a("canvas",""),e=a("strong",""),i=a("span","");return{root:a("figure",n,t,a("figcaption","",e,i)),canvas:t,title:e,text:i,bitmap:new A}}function U(n,t,{values:e,shape:i},{frame:s,cross:o,goal:h},r){let[c,d]=i,g=n.canvas.clientWidth||96,f=window.devicePixelRatio||1,m=Math.round(g*f),b=Math.round(g*f*c/d);n.canvas.width!==m&&(n.canvas.width=m),n.canvas.height!==b&&(n.canvas.height=b);let u=n.canvas.getContext("2d");if(n.bitmap.fill(d,c,!1,x=>t[e[x]]),n.bitmap.drawPixels(u,0,0,m,b),u.lineWidth=1.5*f,s){let[x,T,P,$]=s;u.strokeStyle=p(r.positive),u.strokeRect(T*m,x*b,($-T)*m,(P-x)*b)}let F=([x,T],P,$)=>{let[S,D,M]=[T*m,x*b,$*f];u.strokeStyle=P,u.beginPath(),u.moveTo(S-M,D),u.lineTo(S+M,D),u.moveTo(S,D-M),u.lineTo(S,D+M),u.stroke()};h&&F(h,r.faint,9),o&&F(o,p(r.negative),6)}var C=class{constructor(){this.guess=a("p","guess"),this.second=a("p","second"),this.lesson=a("p","lesson"),this.bars=a("div","bars"),this.bars.setAttribute("role","list"),this.steps=a("div","steps"),this.unitsTitle=a("h2"),this.units=a("div","units"),this.note=a("p","note"),this.side=a("div","answer",this.guess,this.second,this.bars,this.lesson),this.below=a("div","",this.unitsTitle,this.units,this.note),[this.barBoxes,this.stepBoxes,this.unitBoxes]=[[],[],[]]}paint(t,e){this.paintGuesses(t),this.paintBars(t),l(this.lesson,t.lesson);let{arrays:i}=t.panels[0];this.paintSteps(t.steps,i,e),l(this.unitsTitle,t.units_title),l(this.note,t.note),this.paintUnits(t.units,i.units,e)}paintGuesses({is_empty:t,names:e,ranking:i,probabilities:s}){let[o,h]=i,r=`${e[o]}  ${k(s[o])}`,c=`Second guess: ${e[h]}, ${k(s[h])}`;l(this.guess,t?"Draw a digit.":r),l(this.second,t?"The answer follows your hand.":c)}paintBars({is_empty:t,names:e,ranking:[i,s],probabilities:o}){W(this.bars,this.barBoxes,e.length,it),e.forEach((h,r)=>{let{root:c,label:d,fill:g,value:f}=this.barBoxes[r],m=Math.max(0,Math.min(1,o[r]||0));l(d,h),l(f,t?"–":k(o[r])),g.style.width=t?"0":`${100*m}%`,c.classList.toggle("first",!t&&r===i),c.classList.toggle("second",!t&&r===s)})}paintSteps(t,e,i){W(this.steps,this.stepBoxes,t.length,()=>O("step")),t.forEach((s,o)=>{let h=this.stepBoxes[o];l(h.title,s.title),l(h.text,s.text),U(h,i.gray,e[`step${o}`],s,i)})}paintUnits(t,e,i){let s=e?"unit":"unit plain";W(this.units,this.unitBoxes,t.length,()=>O(s)),t.forEach((o,h)=>{let r=this.unitBoxes[h];if(r.root.className=s,r.root.classList.toggle("against",o.contribution<0),l(r.title,`${o.name}  ${j(o.contribution)}`),l(r.text,o.text),r.canvas.hidden=!e,!e)return;let[,c,d]=e.shape,g=e.values.subarray(h*c*d,(h+1)*c*d);U(r,i.diverging,{values:g,shape:[c,d]},{},i)})}};function it(){let[n,t,e]=[a("span","name"),a("span","fill"),a("span","value")],i=a("div","bar",n,a("span","track",t),e);return i.setAttribute("role","listitem"),{root:i,label:n,fill:t,value:e}}function W(n,t,e,i){for(;t.length>e;)t.pop().root.remove();for(;t.length<e;)t.push(i()),n.append(t.at(-1).root)}var J=`.draw {
  --positive: rgb(0, 104, 183);
  --negative: rgb(222, 98, 0);
  color: var(--st-text-color);
  font-family: var(--st-font), system-ui, sans-serif;
  font-size: 0.875rem;
  font-variant-numeric: tabular-nums;
  line-height: 1.35;
}
.draw.dark {
  --positive: rgb(78, 168, 245);
  --negative: rgb(250, 150, 50);
}
.draw p,
.draw h2,
.draw figure {
  margin: 0;
}
.draw [hidden] {
  display: none;
}
.top {
  display: flex;
  flex-wrap: wrap;
  gap: 1rem 1.75rem;
}
.pad {
  width: 280px;
}
.square {
  box-sizing: border-box;
  display: block;
  width: 280px;
  height: 280px;
  background: var(--st-secondary-background-color);
  border: 1px solid var(--st-border-color);
  border-radius: var(--st-base-radius);
  cursor: crosshair;
  touch-action: none; /* a finger draws here, and does not move the page */
  user-select: none;
}
.draw :focus-visible {
  outline: 2px solid var(--st-primary-color);
  outline-offset: 2px;
}
.tools {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 0.45rem 0.6rem;
  margin-top: 0.6rem;
}
.tools button {
  height: 2rem;
  padding: 0 0.75rem;
  color: inherit;
  font: inherit;
  background: var(--st-background-color);
  border: 1px solid var(--st-border-color);
  border-radius: var(--st-button-radius, var(--st-base-radius));
  cursor: pointer;
}
.tools button:hover:enabled {
  color: var(--st-primary-color);
  border-color: var(--st-primary-color);
}
.tools :disabled {
  cursor: not-allowed;
  opacity: 0.45;
}
.tools label {
  display: flex;
  align-items: center;
  gap: 0.4rem;
}
.tools input {
  accent-color: var(--st-primary-color);
}
.thickness {
  flex: 1 1 100%;
}
.thickness input {
  flex: 1;
  min-width: 4rem;
}
.thickness output {
  min-width: 2.6em;
  text-align: right;
}
.full {
  color: var(--negative);
}
.answer {
  flex: 1 1 15rem;
  max-width: 26rem;
}
.answer > .guess {
  font-size: 2rem;
  font-weight: 650;
  line-height: 1.2;
  white-space: pre;
}
.answer > .second {
  margin-bottom: 0.5rem !important;
  opacity: 0.85;
}
.answer > .lesson {
  margin-top: 0.6rem !important;
  min-height: 2.7em;
}
.bar {
  display: grid;
  grid-template-columns: minmax(1.2em, max-content) 1fr 4.2em;
  align-items: center;
  gap: 0.5rem;
  height: 1.35rem;
}
.bar .track {
  height: 0.85rem;
  background: var(--st-secondary-background-color);
  border-radius: 3px;
  overflow: hidden;
}
.bar .fill {
  display: block;
  height: 100%;
  background: var(--st-text-color);
  opacity: 0.45;
}
.bar .value {
  text-align: right;
}
.bar.first {
  font-weight: 650;
}
.bar.first .fill {
  background: var(--positive);
  opacity: 1;
}
.bar.second .fill {
  background: var(--positive);
  opacity: 0.55;
}
.steps {
  display: grid;
  grid-template-columns: repeat(2, 112px);
  gap: 0.75rem 1rem;
  align-content: start;
}
.step canvas {
  display: block;
  width: 112px;
  border: 1px solid var(--st-border-color);
}
figcaption {
  font-size: 0.78rem;
  line-height: 1.3;
  margin-top: 0.2rem;
}
figcaption strong,
figcaption span {
  display: block;
}
figcaption span {
  opacity: 0.85;
}
.draw h2 {
  margin: 1rem 0 0.5rem;
  font-size: 1rem;
}
.units {
  display: flex;
  flex-wrap: wrap;
  gap: 0.6rem 0.9rem;
}
.unit {
  width: 92px;
  border-top: 3px solid var(--positive);
  padding-top: 0.3rem;
}
.unit.plain {
  width: 7.5rem;
}
.unit.against {
  border-top-color: var(--negative);
}
.unit canvas {
  display: block;
  width: 92px;
}
.note {
  margin-top: 0.7rem !important;
  opacity: 0.8;
}
.unseen {
  position: absolute;
  width: 1px;
  height: 1px;
  overflow: hidden;
  clip-path: inset(50%);
}
`;var L=class{constructor(t){this.send=t,this.asked=0,this.answered=0,this.isDue=!1,this.timer=this.watchdog=0}ask(){this.isDue=!0,this.watchdog||this.schedule(0)}receive(t){return this.answered=t,t<this.asked?!1:(clearTimeout(this.watchdog),this.watchdog=0,this.isDue&&this.schedule(60),!0)}schedule(t){this.timer||(this.timer=setTimeout(()=>this.sendNext(),t))}sendNext(){clearTimeout(this.timer),this.timer=0,!this.watchdog&&(this.isDue=!1,this.asked=Math.max(this.asked,this.answered)+1,this.send(this.asked),this.watchdog=setTimeout(()=>{this.watchdog=0,this.sendNext()},3e3))}stop(){clearTimeout(this.watchdog),clearTimeout(this.timer),this.watchdog=this.timer=0}};var y=class{constructor(t=[]){this.strokes=t,this.earlier=t.map((e,i)=>t.slice(0,i))}get count(){return this.strokes.reduce((t,e)=>t+e.points.length/3,0)}get canUndo(){return this.earlier.length>0}begin(t,e,i,s){this.earlier.push(this.strokes),this.strokes=[...this.strokes,{width:t,points:[]}],this.add(e,i,s)}add(t,e,i){let{points:s}=this.strokes.at(-1),[o,h]=s.slice(-3);return s.length&&Math.hypot(t-o,e-h)<.004?!1:(s.push(...[t,e,i].map(r=>Math.round(r*1e4)/1e4)),!0)}undo(){this.strokes=this.earlier.pop()??this.strokes}clear(){this.strokes.length&&(this.earlier.push(this.strokes),this.strokes=[])}hasRoom({most_strokes:t,most_points:e},i=0){return this.strokes.length+i<=t&&this.count+1<=e}paint(t,e){t.lineCap=t.lineJoin="round";for(let{width:i,points:s}of this.strokes)for(let o=0;o<s.length;o+=3){let h=Math.min(o+3,s.length-3);t.lineWidth=Math.max(1,i*e*(s[o+2]+s[h+2])/2),t.beginPath(),t.moveTo(s[o]*e,s[o+1]*e),t.lineTo(s[h]*e+.01,s[h+1]*e),t.stroke()}}};var ot=280,rt=700,Q=.04,Z={ArrowLeft:[-1,0],ArrowRight:[1,0],ArrowUp:[0,-1],ArrowDown:[0,1]},v={square:"Square to draw in. Arrow keys move the pen, with Shift in small steps; Space puts it down and lifts it; Backspace takes the last stroke back; Delete clears the square.",hover:"Draw here. By keyboard: arrows move the pen, Space puts it down and lifts it.",undo:"Takes the last stroke back, or a Clear. Backspace.",clear:"Empties the square; Undo brings it back. Delete.",thickness:"Width of the pen, in hundredths of the square's side. A pen that feels pressure draws thinner where it is held lightly.",raw:"Shows the network the whole square, only made smaller: the digit stays as small and as far from the middle as it was drawn."},I=class extends HTMLElement{connectedCallback(){this.root||this.build(),this.frame&&this.paint()}disconnectedCallback(){this.questions.stop(),clearTimeout(this.announcing)}build(){this.strokes=new y,this.answer=new C,this.questions=new L(i=>this.sendStrokes(i)),this.pen={x:.5,y:.5,isDown:!1,isSeen:!1},this.buildSquare(),this.buildTools(),this.announced=a("p","unseen"),this.announced.setAttribute("role","status"),this.announced.setAttribute("aria-live","polite");let t=a("div","pad",this.canvas,this.tools,this.full),e=a("div","top",t,this.answer.side,this.answer.steps);this.root=a("div","draw",e,this.answer.below,this.announced),this.append(a("style","",J),this.root)}buildSquare(){this.canvas=a("canvas","square"),this.canvas.tabIndex=0,this.canvas.setAttribute("role","application"),this.canvas.ariaLabel=v.square,this.canvas.title=v.hover,this.listenToPointer(),this.canvas.onkeydown=t=>this.press(t),this.canvas.onblur=()=>{this.pen.isDown=this.pen.isSeen=!1,this.paintSquare()}}buildTools(){this.undo=this.button("Undo",v.undo,()=>this.strokes.undo()),this.clear=this.button("Clear",v.clear,()=>this.strokes.clear()),this.width=a("input"),Object.assign(this.width,{type:"range",min:2,max:20,step:1,value:8}),this.width.oninput=()=>l(this.widthText,`${this.width.value} %`),this.widthText=a("output");let t=a("label","thickness","Thickness",this.width,this.widthText);t.title=v.thickness,this.raw=a("input"),this.raw.type="checkbox",this.raw.onchange=()=>this.changed();let e=a("label","raw",this.raw,"Without centring");e.title=v.raw,this.tools=a("div","tools",this.undo,this.clear,t,e),this.full=a("p","full","The square holds no more lines. Undo some, or Clear."),this.full.hidden=!0}button(t,e,i){let s=a("button","",t);return s.type="button",s.title=e,s.onclick=()=>{this.pen.isDown=!1,i(),this.changed()},s}listenToPointer(){let{canvas:t}=this,e=s=>{let o=t.getBoundingClientRect();return[(s.clientX-o.left)/o.width,(s.clientY-o.top)/o.height]},i=s=>s.pointerType==="pen"&&s.pressure>0?Math.min(1,.3+s.pressure):1;t.onpointerdown=s=>{s.button!==0||this.pointer!==void 0||!this.hasRoom(1)||(this.pointer=s.pointerId,t.setPointerCapture(s.pointerId),this.pen.isSeen=this.pen.isDown=!1,this.strokes.begin(this.penWidth,...e(s),i(s)),this.changed())},t.onpointermove=s=>{if(s.pointerId!==this.pointer)return;let o=s.getCoalescedEvents?.()??[];for(let h of o.length?o:[s])this.hasRoom()&&this.strokes.add(...e(h),i(h));this.changed()},t.onpointerup=t.onpointercancel=t.onlostpointercapture=s=>{s.pointerId===this.pointer&&(this.pointer=void 0)}}press(t){if(t.ctrlKey||t.metaKey?t.key!=="z":t.altKey)return;let{pen:e}=this;if(t.key in Z)this.movePen(Z[t.key],t.shiftKey?Q/4:Q);else if(t.key===" "){if(t.repeat)return t.preventDefault();e.isDown=!e.isDown&&this.hasRoom(1),e.isDown&&this.strokes.begin(this.penWidth,e.x,e.y,1)}else if(t.key==="Backspace"||t.key==="z")e.isDown=!1,this.strokes.undo();else if(t.key==="Delete")e.isDown=!1,this.strokes.clear();else return;e.isSeen=!0,t.preventDefault(),t.stopPropagation(),this.changed()}movePen([t,e],i){let{pen:s}=this;s.x=Math.max(0,Math.min(1,s.x+i*t)),s.y=Math.max(0,Math.min(1,s.y+i*e)),s.isDown&&this.hasRoom()&&this.strokes.add(s.x,s.y,1)}get penWidth(){return this.width.value/100}hasRoom(t=0){let e=this.strokes.hasRoom(this.frame,t);return this.full.hidden=e,e}show(t,e){let i=!this.frame;this.frame=H(t),this.send=e,i&&this.restore();let{number:s}=this.frame;this.questions.receive(s)&&(this.root.dataset.answered=!this.questions.isDue),this.paint(),this.announce()}restore(){let{strokes:t,centred:e,width:i,number:s}=this.frame;this.strokes=new y(t),this.raw.checked=!e,this.width.value=Math.round(100*i),this.questions.asked=s}changed(){this.strokes.count<this.frame.most_points&&(this.full.hidden=!0),this.paintSquare(),this.root.dataset.answered=!1,this.questions.ask()}sendStrokes(t){this.send("drawing",{strokes:this.strokes.strokes,centred:!this.raw.checked,width:this.penWidth,number:t})}paint(){let t=B(this.root);this.root.classList.toggle("dark",t.dark),l(this.widthText,`${this.width.value} %`),this.answer.paint(this.frame,t),this.root.dataset.number=this.frame.number,this.root.dataset.step=this.frame.step,this.paintSquare()}paintSquare(){let t=B(this.root),e=window.devicePixelRatio||1,i=this.canvas.clientWidth||ot,s=Math.round(i*e);this.canvas.width!==s&&(this.canvas.width=this.canvas.height=s);let o=this.canvas.getContext("2d");o.setTransform(e,0,0,e,0,0),o.clearRect(0,0,i,i),o.strokeStyle=t.text,this.strokes.paint(o,i),this.pen.isSeen&&this.paintPen(o,i,t),this.undo.disabled=!this.strokes.canUndo,this.clear.disabled=!this.strokes.strokes.length}paintPen(t,e,i){let[s,o]=[this.pen.x*e,this.pen.y*e];t.lineWidth=2,t.strokeStyle=p(this.pen.isDown?i.negative:i.positive),t.beginPath(),t.arc(s,o,7,0,2*Math.PI),t.moveTo(s-11,o),t.lineTo(s+11,o),t.moveTo(s,o-11),t.lineTo(s,o+11),t.stroke()}announce(){let t=X(this.frame);t!==this.lastAnnounced&&(this.lastAnnounced=t,clearTimeout(this.announcing),this.announcing=setTimeout(()=>l(this.announced,t),rt))}};function Bt({data:n}){z(n.element,I)}export{Bt as default};
