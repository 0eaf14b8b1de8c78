import { render } from 'preact';
import { App } from './App';
import './style.css';
import { listen } from './view/drop';

listen();
render(<App />, document.getElementById('app')!);
