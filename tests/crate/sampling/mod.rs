mod noise;
