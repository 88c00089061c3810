// gulp loads this file before gulpfile.ts.
import './exporter/cli/gulp-setup.ts';
