import { ensurePackagesInstalled } from './install-packages.mjs'
import { ensurePrograms, postgres } from './install-programs.mjs'

ensurePackagesInstalled()
ensurePrograms([postgres])
