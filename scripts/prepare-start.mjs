import { ensurePageBuilt } from './build-page.mjs'
import { ensurePackagesInstalled } from './install-packages.mjs'

ensurePackagesInstalled()
ensurePageBuilt()
