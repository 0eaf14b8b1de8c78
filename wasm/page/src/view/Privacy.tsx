/** The rule that the browser keeps, as this page itself states it. */
const rule = document.querySelector<HTMLMetaElement>('meta[http-equiv="Content-Security-Policy"]')?.content ?? '';

/** Hashes are long and say nothing to people. */
const shown = rule.replace(/'sha256-[^']+'/g, "'sha256-…'");

export function Privacy() {
  return (
    <details id="private" class="card">
      <summary>Nothing leaves this page, and you can check that</summary>
      <p>
        Your files are read by this page, in this browser, and nowhere else. There is no server behind it. The browser itself
        forbids it every connection, by the rule on this page:
      </p>
      <pre class="rule">{shown}</pre>
      <ul>
        <li><code>connect-src 'none'</code>: no script of this page, and none of the worker that reads your files, can send or fetch anything.</li>
        <li><code>form-action 'none'</code>, <code>default-src 'none'</code>: no form, frame, font or picture from elsewhere can carry anything out either.</li>
        <li>See for yourself: the rule is among the first lines of the page's source (Ctrl+U); the developer tools (F12, Network) show no request while you work; pull the network cable, and everything goes on.</li>
        <li>Nothing is stored: no cookie, no local storage. The address behind the # says how you look at the evidence, and nothing that is in it.</li>
      </ul>
    </details>
  );
}
