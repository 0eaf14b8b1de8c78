import { Icon, Logo } from './marks';
import { theme, turn } from './theme';

export function Header() {
  return (
    <header class="top">
      <a class="skip" href="#main" onClick={(event) => { event.preventDefault(); document.getElementById('main')?.focus(); }}>Skip to the answer</a>
      <div class="brand"><Logo /><span class="name">Lockwait</span><span class="muted tagline">why files were locked, and which need you</span></div>
      <button type="button" class="quiet" onClick={turn} title="Light, dark, or as the system has it"><Icon name="theme" /> <span>Theme: {theme.value}</span></button>
      <a class="private" href="#private" onClick={(event) => { event.preventDefault(); openPrivacy(); }}><Icon name="shield" /> <span>Nothing leaves this page</span></a>
    </header>
  );
}

function openPrivacy(): void {
  const told = document.querySelector<HTMLDetailsElement>('#private');
  if (!told) return;
  told.open = true;
  told.querySelector('summary')?.focus();
  told.scrollIntoView({ block: 'center' });
}
