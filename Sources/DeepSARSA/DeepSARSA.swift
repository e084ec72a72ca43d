// Importing DeepSARSA also imports environments, networks, matrices and random streams.
@_exported public import SARSAEnvironments
@_exported public import SARSAFiles
@_exported public import SARSAFormats
@_exported public import SARSALinearAlgebra
@_exported public import SARSANetworks
@_exported public import SARSARandomSources
