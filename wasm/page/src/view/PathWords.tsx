/** A path whose end stays in sight where there is no room: that is what tells files apart. */
export function PathWords({ path }: { path: string }) {
  const cut = Math.max(path.lastIndexOf('\\'), path.lastIndexOf('/')) + 1;
  return (
    <span class="path-words" title={path}>
      {cut > 0 && <bdi class="folder">{path.slice(0, cut)}</bdi>}
      <bdi class="file">{path.slice(cut)}</bdi>
    </span>
  );
}
