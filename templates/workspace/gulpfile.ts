// Defines every task of the platform: npx gulp --tasks lists them. Add tasks of your own below, with gulp.task().
import 'generator-platform/gulp';
