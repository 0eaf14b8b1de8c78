import { Timeline } from './timeline/Timeline';
import { evidence, fault, sources } from './state';
import { Action } from './view/Action';
import { Detail } from './view/Detail';
import { hovering } from './view/drop';
import { Header } from './view/Header';
import { Welcome } from './view/Intake';
import { Icon } from './view/marks';
import { Privacy } from './view/Privacy';
import { Staged } from './view/Staged';
import { Sources } from './view/Sources';
import { Summary } from './view/Summary';
import { Table } from './view/Table';
import { WhatIf } from './view/WhatIf';

/** The page, in the order in which it answers. */
export function App() {
  const known = evidence.value;
  return (
    <>
      <Header />
      <main id="main" tabIndex={-1}>
        {fault.value && <p class="card fault" role="alert"><Icon name="warn" /> {fault.value}</p>}
        {sources.value.length === 0 ? <Welcome /> : (
          <div class="told-of">
            <Summary />
            <Sources />
            {known && <Action />}
            {known && known.count > 0 && (
              <Staged parts={[() => <Timeline />, () => <div class="pair"><Table /><Detail /></div>, () => <WhatIf />]} />
            )}
          </div>
        )}
        <Privacy />
      </main>
      {hovering.value && <div class="hovering" aria-hidden="true"><p>Drop them: they are read here, in this browser</p></div>}
    </>
  );
}
