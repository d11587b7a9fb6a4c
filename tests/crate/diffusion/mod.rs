mod guider;
