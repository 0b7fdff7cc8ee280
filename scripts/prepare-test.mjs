import { ensurePageBuilt } from './build-page.mjs'
import { ensurePackagesInstalled } from './install-packages.mjs'
import { chromium, ensurePrograms, fonts, postgres, redis } from './install-programs.mjs'

ensurePackagesInstalled()
ensurePrograms([postgres, redis, chromium, fonts])
ensurePageBuilt()
