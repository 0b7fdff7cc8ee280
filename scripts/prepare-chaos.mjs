import { ensurePackagesInstalled } from './install-packages.mjs'
import { ensurePrograms, postgres, redis } from './install-programs.mjs'

ensurePackagesInstalled()
ensurePrograms([postgres, redis])
