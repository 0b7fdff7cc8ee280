/** What people type who mean no good, or whose keyboard does: shown as what it is. */
export const ATTACKS = [
  `<script>document.title='gone'</script>`,
  `<img src=x onerror="document.title='gone'">`,
  `<svg onload="document.title='gone'"><a xlink:href="javascript:alert(1)">x</a></svg>`,
  'javascript:alert(document.cookie)',
  '[link](javascript:alert(1)) <a href="javascript:alert(1)">a</a>',
  `"><iframe src="javascript:alert(1)"></iframe>`,
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what somebody types
  '{{name}} $t(room.send) ${1+1} {{constructor.constructor("alert(1)")()}}',
  '\u202Eevil.exe\u202C looks like exe.live',
  `e${'\u0301'.repeat(200)} a long pile of accents`,
  '&lt;b&gt; &amp; &#x41;',
  'https://example.com/?q=<b>',
  '가\u200B나\u00AD다 \uFEFF',
]
