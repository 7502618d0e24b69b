#!/usr/bin/env node
require('../dist/bca.js');
