//! Published and independently recomputed results, to twelve digits, with their sources.

#![cfg_attr(rustfmt, rustfmt::skip)]

/// One row of a table of fits on standardised columns.
pub struct Fit {
    pub intercept: f64,
    /// lcavol, lweight, age, lbph, svi, lcp, gleason, pgg45.
    pub coefficients: [f64; 8],
    pub test_error: f64,
    pub std_error: f64,
}

/// Hastie, Tibshirani & Friedman (2009), The Elements of Statistical Learning, 2nd ed., Table 3.3, as printed.
pub mod table_3_3 {
    use super::Fit;

    /// Least squares.
    pub const LS: Fit = Fit {
        intercept: 2.465,
        coefficients: [0.68, 0.263, -0.141, 0.21, 0.305, -0.288, -0.021, 0.267],
        test_error: 0.521,
        std_error: 0.179,
    };

    /// Ridge with 5 effective degrees of freedom.
    pub const RIDGE: Fit = Fit {
        intercept: 2.452,
        coefficients: [0.42, 0.238, -0.046, 0.162, 0.227, 0.0, 0.04, 0.133],
        test_error: 0.492,
        std_error: 0.165,
    };

    /// Lasso, at s = 0.36 according to the book.
    pub const LASSO: Fit = Fit {
        intercept: 2.468,
        coefficients: [0.533, 0.169, 0.0, 0.002, 0.094, 0.0, 0.0, 0.0],
        test_error: 0.479,
        std_error: 0.164,
    };
}

/// The same fits recomputed with two other packages.
pub mod recomputed {
    use super::Fit;

    /// Least squares.
    pub const LS: Fit = Fit {
        intercept: 2.46493292082,
        coefficients: [0.679528141238, 0.263053065195, -0.141464833536, 0.210146557222, 0.305200597125, -0.288492772454, -0.0213050388029, 0.26695576212],
        test_error: 0.521274005651,
        std_error: 0.178723951955,
    };

    /// Ridge, the training rows not centred again.
    pub const RIDGE: Fit = Fit {
        intercept: 2.45234508507,
        coefficients: [0.419624844498, 0.238403039866, -0.0463756333934, 0.161735293373, 0.227072233877, 0.000120014527487, 0.0402006371337, 0.133307918821],
        test_error: 0.492418543104,
        std_error: 0.164540924985,
    };

    /// Ridge on centred training rows.
    pub const RIDGE_CENTRED: Fit = Fit {
        intercept: 2.46417254335,
        coefficients: [0.420982141601, 0.238787713827, -0.0480167277127, 0.162314415041, 0.227123424075, -8.60577221457e-05, 0.0410769510511, 0.13244719356],
        test_error: 0.490360579165,
        std_error: 0.162268656646,
    };

    /// Lasso at s = 0.3748 on the path of unit-norm columns.
    pub const LASSO: Fit = Fit {
        intercept: 2.46834675786,
        coefficients: [0.532788559865, 0.169431748192, 0.0, 0.00210361474827, 0.0935613847688, 0.0, 0.0, 0.0],
        test_error: 0.478648571427,
        std_error: 0.163829487813,
    };

    /// Lasso at the printed s = 0.36.
    pub const LASSO_AT_036: Fit = Fit {
        intercept: 2.46823137546,
        coefficients: [0.526210295015, 0.158023279694, 0.0, 0.0, 0.0820224458941, 0.0, 0.0, 0.0],
        test_error: 0.489086323135,
        std_error: 0.169286803621,
    };
}

/// λ of ‖y − Xβ‖² + λ‖β‖² at df = 5, training rows not centred again.
pub const RIDGE_LAMBDA: f64 = 24.1764311755;
/// The same on centred training rows.
pub const RIDGE_CENTRED_LAMBDA: f64 = 23.9989078545;
/// λ of ½‖y − Xβ‖² + λ‖β‖₁ on unit-norm columns, where ‖β‖₁ is [`LASSO_S`] of its least-squares value.
pub const LASSO_LAMBDA: f64 = 1.71258521759;
/// Fraction of the least-squares norm at which the lasso meets every printed digit.
pub const LASSO_S: f64 = 0.3748;
/// Fraction of the least-squares norm that the book states.
pub const PRINTED_S: f64 = 0.36;

/// ESL Figure 3.8: (df, λ of ‖y − Xβ‖² + λ‖β‖², β), recomputed.
pub const RIDGE_PROFILE: [(f64, f64, [f64; 8]); 8] = [
    (1.0, 431.602220528, [0.100917008874, 0.0721347321351, 0.0215954087447, 0.0380121035384, 0.0703356923556, 0.0536594310783, 0.0351344904437, 0.0522074566134]),
    (2.0, 164.024284163, [0.18752160405, 0.132727619995, 0.0227624789235, 0.0746594563445, 0.123563570031, 0.0774051795382, 0.0497615316918, 0.082200444836]),
    (3.0, 81.5539522565, [0.266252597704, 0.180161061064, 0.00823593553737, 0.107972467979, 0.164760736134, 0.0750952682386, 0.0520230972506, 0.100084757971]),
    (4.0, 44.2148386166, [0.342389476478, 0.214817797265, -0.0163958090962, 0.137081347894, 0.198187995366, 0.0491265716625, 0.0479778405062, 0.114790056862]),
    (5.0, 24.1764311755, [0.419624844498, 0.238403039866, -0.0463756333934, 0.161735293373, 0.227072233877, 0.000120014527487, 0.0402006371337, 0.133307918821]),
    (6.0, 12.3259176374, [0.500455111898, 0.253045039003, -0.0782755375949, 0.181922700698, 0.253789766736, -0.0723681240671, 0.0280241148231, 0.161537106874]),
    (7.0, 4.87449052151, [0.586578792694, 0.260657206796, -0.109783577163, 0.197784586084, 0.279836385541, -0.169026264004, 0.00820232428826, 0.205220336819]),
    (7.5, 2.1888832218, [0.631997040568, 0.262291339478, -0.12487417534, 0.204185546557, 0.292797945684, -0.226516676237, -0.00611303548675, 0.234707680719]),
];

/// ESL Figure 3.10, training columns of unit norm: (λ of ½‖y − Xβ‖² + λ‖β‖₁, s, β per deviation over all rows), recomputed.
pub const UNIT_NORM_KNOTS: [(f64, f64, [f64; 8]); 9] = [
    (7.19394623011, 0.0, [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]),
    (3.7172741513, 0.189316701414, [0.405919000581, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]),
    (2.94038658658, 0.254388456253, [0.47568004515, 0.0661106568325, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]),
    (1.73050643166, 0.372370436529, [0.532128978017, 0.168789141332, 0.0, 0.0, 0.0916298564565, 0.0, 0.0, 0.0]),
    (1.70028131237, 0.376468029777, [0.533241399305, 0.169872933364, 0.0, 0.00354786268853, 0.0948874858474, 0.0, 0.0, 0.0]),
    (0.493316559044, 0.557044563539, [0.549850582658, 0.22078660486, 0.0, 0.142241596675, 0.197440533269, 0.0, 0.0, 0.0867058617732]),
    (0.371165085978, 0.599204105613, [0.556248021403, 0.231222474706, -0.0318427305814, 0.162425740549, 0.205256199659, 0.0, 0.0, 0.102653434278]),
    (0.0403450999976, 0.943302497686, [0.663383006793, 0.261574447607, -0.132726694047, 0.20441419012, 0.296024055667, -0.25600337143, 0.0, 0.236020247234]),
    (0.0, 1.0, [0.679528141238, 0.263053065195, -0.141464833536, 0.210146557222, 0.305200597125, -0.288492772454, -0.0213050388029, 0.26695576212]),
];

/// The same on columns standardised over all 97 rows and centred on the training rows.
pub const STANDARDISED_KNOTS: [(f64, f64, [f64; 8]); 9] = [
    (61.6157212618, 0.0, [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]),
    (34.4114391227, 0.170412084752, [0.37084170741, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]),
    (22.9500704283, 0.275284897204, [0.493701363113, 0.105358976131, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]),
    (14.6143882672, 0.367441213663, [0.536984020646, 0.1817391827, 0.0, 0.0, 0.0808828060843, 0.0, 0.0, 0.0]),
    (13.3276271903, 0.383975017383, [0.539987105876, 0.194367453888, 0.0, 0.0, 0.0898663674958, 0.0, 0.0, 0.0113650656923]),
    (4.11370106651, 0.550152324611, [0.551499349046, 0.227018653256, 0.0, 0.137527764447, 0.193214937021, 0.0, 0.0, 0.0879514991722]),
    (3.07500794237, 0.593533065076, [0.557606646979, 0.236086765164, -0.0324707122229, 0.159300190741, 0.202251685116, 0.0, 0.0, 0.10389906086]),
    (0.32825291895, 0.942960140669, [0.663762416332, 0.262160104702, -0.133014433042, 0.204172399624, 0.295901899727, -0.256563427371, 0.0, 0.236444981383]),
    (0.0, 1.0, [0.679528141238, 0.263053065195, -0.141464833536, 0.210146557222, 0.305200597125, -0.288492772454, -0.0213050388029, 0.26695576212]),
];

/// A knot of the lasso path of the diabetes data, columns of unit norm.
pub struct Knot {
    /// Of ½‖y − Xβ‖² + λ‖β‖₁.
    pub lambda: f64,
    /// age, sex, bmi, map, tc, ldl, hdl, tch, ltg, glu.
    pub beta: [f64; 10],
    /// ‖β‖₁ as a fraction of its least-squares value.
    pub fraction: f64,
    pub r2: f64,
    pub rss: f64,
    /// 1 + size of the active set on the segment that ends here.
    pub df: f64,
    /// RSS/s² − n + 2 df with s² = RSS_full/(n − 11).
    pub cp: f64,
}

/// Efron, Hastie, Johnstone & Tibshirani (2004), Least angle regression, Annals of Statistics 32: the path as the
/// authors' package `lars` stores it (λ, Cp) and as recomputed from it (the rest).
pub const DIABETES: [Knot; 13] = [
    Knot { lambda: 949.435260384, beta: [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], fraction: 0.0, r2: 0.0, rss: 2621009.12443, df: 1.0, cp: 453.726255006 },
    Knot { lambda: 889.315990735, beta: [0.0, 0.0, 60.1192696491, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], fraction: 0.0173754865755, r2: 0.0421762676265, rss: 2510464.74215, df: 2.0, cp: 418.03221729 },
    Knot { lambda: 452.900968908, beta: [0.0, 0.0, 361.894612455, 0.0, 0.0, 0.0, 0.0, 0.0, 301.775342806, 0.0], fraction: 0.1918118511, r2: 0.351254156246, rss: 1700368.77592, df: 3.0, cp: 143.801193389 },
    Knot { lambda: 316.074052698, beta: [0.0, 0.0, 434.757959617, 79.2364468834, 0.0, 0.0, 0.0, 0.0, 374.915836852, 0.0], fraction: 0.256910107031, r2: 0.417337159845, rss: 1527164.62052, df: 4.0, cp: 86.7410780633 },
    Knot { lambda: 130.130851302, beta: [0.0, 0.0, 505.659558474, 191.269883576, 0.0, 0.0, -114.10097989, 0.0, 439.664941756, 0.0], fraction: 0.361472130794, r2: 0.478928053744, rss: 1365734.32562, df: 5.0, cp: 33.6956791165 },
    Knot { lambda: 88.7824298155, beta: [0.0, -74.9165139419, 511.348070697, 234.154616159, 0.0, 0.0, -169.711393507, 0.0, 450.667448208, 0.0], fraction: 0.416415022866, r2: 0.494805908109, rss: 1324118.32446, df: 6.0, cp: 21.5052237967 },
    Knot { lambda: 68.9652212024, beta: [0.0, -111.978554457, 512.044088986, 252.527016502, 0.0, 0.0, -196.045443287, 0.0, 452.392727715, 12.078152261], fraction: 0.444238087267, r2: 0.500599875544, rss: 1308932.28294, df: 7.0, cp: 18.3270029797 },
    Knot { lambda: 19.9812546781, beta: [0.0, -197.756501135, 522.264847018, 297.159736889, -103.946248767, 0.0, -223.926033335, 0.0, 514.749480848, 54.7676806302], fraction: 0.553343290961, r2: 0.513410856868, rss: 1275354.584, df: 8.0, cp: 8.87749261792 },
    Knot { lambda: 5.47747294605, beta: [0.0, -226.133661833, 526.885466712, 314.389271582, -195.105829508, 0.0, -152.477259485, 106.342805882, 529.91603066, 64.4874179022], fraction: 0.611484021263, r2: 0.515364860494, rss: 1270233.12267, df: 9.0, cp: 9.13114827527 },
    Knot { lambda: 5.08917880559, beta: [0.0, -227.175798243, 526.39059435, 314.950467217, -237.34097312, 33.628274416, -134.599352052, 111.384128693, 545.482597213, 64.6066701314], fraction: 0.634553673737, r2: 0.515686660935, rss: 1269389.68078, df: 10.0, cp: 10.8435467725 },
    Knot { lambda: 2.18224972883, beta: [-5.71894800118, -234.397621644, 522.64878576, 320.342554355, -554.266327746, 286.736168381, 0.0, 148.900444635, 663.033287292, 66.3309550121], fraction: 0.809933838001, r2: 0.517370142637, rss: 1264977.25987, df: 11.0, cp: 11.3389749749 },
    Knot { lambda: 1.31043524852, beta: [-7.01124514891, -237.100786, 521.075130203, 321.549026782, -580.438600151, 313.862131637, 0.0, 139.857867666, 674.936616783, 67.1793996412], fraction: 0.827458584923, r2: 0.517450944125, rss: 1264765.47843, df: 10.0, cp: 9.26676056354 },
    Knot { lambda: 0.0, beta: [-10.0121978175, -239.819089366, 519.83978679, 324.390427689, -792.184161628, 476.745837824, 101.044570321, 177.064176232, 751.279321087, 67.625386391], fraction: 1.0, r2: 0.517749425413, rss: 1263983.15626, df: 11.0, cp: 11.0 },
];

/// The step of least Cp as `lars` prints it, columns as in [`Knot::beta`].
pub const DIABETES_STEP_7: [f64; 10] = [0.0, -197.756501135, 522.264847018, 297.159736889, -103.946248767, 0.0, -223.926033335, 0.0, 514.749480848, 54.7676806302];
/// Mean of the response: the intercept at every step.
pub const DIABETES_INTERCEPT: f64 = 152.133484162896;
/// Order of entry; `-hdl` leaves.
pub const DIABETES_MOVES: [&str; 12] = ["bmi", "ltg", "map", "hdl", "sex", "glu", "tc", "tch", "ldl", "age", "-hdl", "hdl"];

/// Intercept, Air.Flow, Water.Temp, Acid.Conc.: least squares of Brownlee's stack loss, recomputed.
pub const STACKLOSS_LS: [f64; 4] = [-39.9196744201, 0.715640200485, 1.29528612439, -0.152122519149];

/// Intercept and slope of food expenditure on income, recomputed; quantreg's vignette prints 147.4754 and 0.4851784.
pub const ENGEL_LS: [f64; 2] = [147.475388524, 0.485178423677];

/// Intercept and slope of millions of calls on the year, recomputed; Rousseeuw & Leroy (1987) print 0.504 in tens of millions.
pub const PHONES_LS: [f64; 2] = [-260.059246377, 5.04147826087];

/// Intercept and slope of log light on log temperature, recomputed; Rousseeuw & Leroy (1987) print 6.793 and −0.413.
pub const STARS_LS: [f64; 2] = [6.7934672987, -0.413303860587];

/// The same without the four giants (log.Te < 3.6), recomputed.
pub const MAIN_SEQUENCE_LS: [f64; 2] = [-4.056523658, 2.046657392];

/// 69 times the least absolute deviations of stack loss, in the order of [`STACKLOSS_LS`].
pub const STACKLOSS_LAD: [f64; 4] = [-2738.6, 57.4, 39.6, -4.2];

/// The same as quantreg's documentation prints them.
pub const STACKLOSS_LAD_PRINTED: [f64; 4] = [-39.68986, 0.83188, 0.57391, -0.06087];

/// The sum of their absolute deviations, recomputed.
pub const STACKLOSS_SAD: f64 = 42.0811594203;

/// τ, intercept and slope of food expenditure on income recomputed with two packages, and as quantreg's vignette prints them.
pub const ENGEL_QUANTILES: [(f64, [f64; 2], [f64; 2]); 3] = [
    (0.25, [95.4835396346, 0.474103208193], [95.48354, 0.4741]),
    (0.5, [81.4822474169, 0.560180551209], [81.48225, 0.56018]),
    (0.75, [62.396585529, 0.644014139369], [62.39659, 0.64401]),
];

/// The least sum of absolute deviations of Belgian calls from a line, and what slopes and intercepts attain it.
pub const PHONES_SAD: f64 = 844.0;
pub const PHONES_SLOPES: [f64; 2] = [81.0 / 70.0, 73.0 / 45.0];
pub const PHONES_INTERCEPTS: [f64; 2] = [-81.0, -3883.0 / 70.0];

/// Intercept and slope of least absolute deviations of the stars, and their sum; then without the four giants. Recomputed.
pub const STARS_LAD: [f64; 2] = [8.14920454545, -0.693181818182];
pub const STARS_SAD: f64 = 21.9452272727;
pub const MAIN_SEQUENCE_LAD: [f64; 2] = [-6.065, 2.5];
