// Entry of the window: styles, the connection to the host, and the root component.
import '@fontsource/roboto/latin-400.css';
import '@fontsource/roboto/latin-500.css';
import '@fontsource/roboto/latin-700.css';
import './styles/tokens.css';
import './styles/base.css';
import { mount } from 'svelte';
import { openConnection } from './api/open.ts';
import Root from './Root.svelte';
import { App } from './state/app.svelte.ts';

const target = document.getElementById('app');
if (target) mount(Root, { target, props: { app: new App(openConnection()) } });
