mod clip;
