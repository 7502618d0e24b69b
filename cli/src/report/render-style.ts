/** The style of the page: one column of text on white, no fonts or images to load. */
export const PAGE_STYLE = `
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:#f3f4f6;color:#1f2937;font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,Helvetica,Arial,sans-serif}
main,header,footer{max-width:1280px;margin:0 auto;padding:0 24px}
header{padding-top:32px}
h1{margin:0;font-size:28px;line-height:1.2;letter-spacing:-.01em;overflow-wrap:anywhere}
h2{margin:0 0 12px;font-size:17px;line-height:1.3;overflow-wrap:anywhere}
.lead{margin:6px 0 0;color:#4b5563}
.tiles{display:grid;grid-template-columns:repeat(6,1fr);gap:12px;margin:24px 0;padding:0;list-style:none}
.tiles li{background:#fff;border:1px solid #e5e7eb;border-top:3px solid #9ca3af;border-radius:6px;padding:12px;min-width:0}
.tiles .good{border-top-color:#0f5c8c}
.tiles .alert{border-top-color:#b45309}
.tiles span{display:block}
.tiles .name{color:#4b5563;font-size:13px}
.tiles .value{font-size:19px;font-weight:650;line-height:1.3;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.tiles .more{color:#4b5563;font-size:12.5px;line-height:1.35}
.cards{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:16px}
section{background:#fff;border:1px solid #e5e7eb;border-radius:6px;padding:18px 20px;margin:0 0 16px;min-width:0}
.cards section{margin:0}
.full{grid-column:1/-1}
.tall{grid-row:span 2}
.cards+section{margin-top:16px}
figure{margin:0}
svg{display:block;width:100%;height:auto}
.narrow{display:none}
.scroll{overflow-x:auto}
table{width:100%;border-collapse:collapse;font-size:13.5px}
th,td{padding:6px 7px;text-align:left;vertical-align:top;border-bottom:1px solid #e5e7eb}
th:first-child,td:first-child{padding-left:0}
th:last-child,td:last-child{padding-right:0}
thead th{color:#4b5563;font-weight:600;font-size:13px;white-space:nowrap;border-bottom:1px solid #9ca3af}
tbody th{font-weight:500}
.number{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
.text{overflow-wrap:anywhere;min-width:9em}
.tail{overflow-wrap:anywhere;min-width:16em;font-size:13px}
.prose{min-width:15em;color:#4b5563;overflow-wrap:anywhere}
.indent{padding-left:1.25em!important}
.none{color:#92400e;font-style:italic}
tfoot th,tfoot td{font-weight:650;border-bottom:0}
tfoot tr:first-child>*{border-top:1px solid #9ca3af}
.note{margin:10px 0 0;color:#4b5563;font-size:13.5px;overflow-wrap:anywhere}
h2+.note{margin-top:0}
ul.plain{margin:0;padding-left:1.2em;overflow-wrap:anywhere}
footer{padding-top:4px;padding-bottom:32px;color:#4b5563;font-size:13px}
@media (max-width:1000px){.tiles{grid-template-columns:repeat(3,1fr)}.cards{grid-template-columns:minmax(0,1fr)}.tall{grid-row:auto}}
@media (max-width:640px){
main,header,footer{padding-left:12px;padding-right:12px}
h1{font-size:23px}
.tiles{grid-template-columns:repeat(2,1fr);gap:8px}
section{padding:14px}
.wide{display:none}.narrow{display:block}
th,td{padding:6px}
.text{min-width:8em}
.prose{min-width:10em}
.tiles .value{font-size:18px}
}
@media print{
@page{margin:14mm}
body{background:#fff;font-size:11px;-webkit-print-color-adjust:exact;print-color-adjust:exact}
main,header,footer{max-width:none;padding:0}
.tiles{grid-template-columns:repeat(6,1fr);gap:6px}
.tiles .value{font-size:15px}
table{font-size:10px}
.tiles li,figure,tr{break-inside:avoid}
section{border:0;padding:6px 0}
h2{break-after:avoid}
thead{display:table-header-group}
tfoot{display:table-row-group}
.scroll{overflow:visible}
.text,.tail,.prose{min-width:0}
.wide{display:block}.narrow{display:none}
}
`;
