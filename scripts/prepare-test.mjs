import { ensurePageBuilt } from './build-page.mjs'
import { ensurePackagesInstalled } from './install-packages.mjs'
import { chromium, ensurePrograms, fonts, postgres } from './install-programs.mjs'

ensurePackagesInstalled()
ensurePrograms([postgres, chromium, fonts])
ensurePageBuilt()
