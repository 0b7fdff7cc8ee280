import { ensurePageBuilt } from './build-page.mjs'
import { ensurePackagesInstalled } from './install-packages.mjs'
import { ensureTestServers } from './install-test-servers.mjs'

ensurePackagesInstalled()
ensureTestServers()
ensurePageBuilt()
