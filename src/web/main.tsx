import { render } from 'preact'
import 'uplot/dist/uPlot.min.css'
import './style.css'
import { App } from './app.tsx'
import { applyTheme } from './chart/theme.ts'

applyTheme()
const place = document.querySelector('#app')
if (place !== null) render(<App />, place)
